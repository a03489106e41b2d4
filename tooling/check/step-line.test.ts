import { PassThrough } from "node:stream"
import { expect, it } from "vitest"
import { toStepLine } from "./step-line.ts"

const outcome = { ok: false, name: "types", seconds: 1.25, guards: "types of every package and of the tooling" }

it.each([60, 200])("fits into %i columns", (columns) => {
  const line = toStepLine(outcome, Object.assign(new PassThrough(), { columns }))
  expect(line.length).toBeLessThanOrEqual(columns)
  expect(line).toContain("types            1.3 s")
})

it("is whole, and without colour, where there is no terminal", () => {
  expect(toStepLine(outcome, new PassThrough())).toBe(
    "✗ types            1.3 s  types of every package and of the tooling",
  )
})
