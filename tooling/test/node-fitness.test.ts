import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { isFit } from "../node-fitness.mjs"

it.each(["22.18.0", "22.23.3", "24.11.0", "24.21.0", "26.0.0", "26.10.0", "28.1.0"])("Node %s is fit", (version) => {
  expect(isFit(version)).toBe(true)
})

it.each(["18.20.8", "20.20.2", "22.17.1", "23.11.0", "24.10.0", "25.2.0", "27.0.0"])("Node %s is not", (version) => {
  expect(isFit(version)).toBe(false)
})

it("runs on any Node: it imports nothing", () => {
  expect(readFileSync(new URL("../node-fitness.mjs", import.meta.url), "utf8")).not.toMatch(/\bimport\b/)
})
