import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { steps } from "./steps.ts"
import { violations } from "./violations.ts"

const rules = readFileSync(new URL("../../.dependency-cruiser.js", import.meta.url), "utf8").matchAll(
  /name: "([^"]+)"/g,
)

it.each(steps.map(({ name }) => name))("the step %s has a violation", (name) => {
  expect(violations.map(({ step }) => step)).toContain(name)
})

it.each([...rules].map(([, name]) => name))("the boundary %s has a violation", (name) => {
  expect(violations.flatMap(({ named }) => named)).toContain(name)
})
