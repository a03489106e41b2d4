import { expect, it } from "vitest"
import { titleOfCall } from "../src/title-of-call.ts"

it("a call is shown by its tool and what it is about, cut where that is long", () => {
  expect(titleOfCall("Bash", { command: "ls", description: "looks" })).toBe("Bash ls")
  expect(titleOfCall("Write", { file_path: "/a", content: "x" })).toBe("Write /a")
  expect(titleOfCall("Grep", { pattern: "TODO", path: "/a" })).toBe("Grep TODO")
  for (const input of [{}, undefined, null, "ls", { command: 7 }]) expect(titleOfCall("Other", input)).toBe("Other")
  expect(titleOfCall("Bash", { command: "x".repeat(500) })).toHaveLength(200)
  expect(titleOfCall("Bash", { command: `${"x".repeat(193)}\u{1f600}yyyyyy` }).isWellFormed()).toBe(true)
})
