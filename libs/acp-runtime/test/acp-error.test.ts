import { expect, test } from "vitest"
import { AcpError } from "../src/index.ts"

test("an error of another copy of this library is recognized by its brand", () => {
  const foreign = Object.assign(new Error("x"), { [Symbol.for("@aegis/acp-runtime/error")]: true })

  expect(AcpError.is(foreign)).toBe(true)
  expect(AcpError.from(foreign)).toBe(foreign)
  expect(AcpError.is(new Error("x"))).toBe(false)
})

test("anything else becomes one, with its cause", () => {
  const cause = new Error("broken pipe")

  expect(AcpError.from(cause)).toMatchObject({
    code: "agent-start-failed",
    message: "The agent failed: broken pipe",
    cause,
  })
  expect(AcpError.from("text").message).toBe("The agent failed: text")
})
