import { afterEach, beforeEach } from "vitest"

const methods = ["debug", "error", "info", "log", "warn"] as const
const originals = new Map(methods.map((method) => [method, console[method]]))
let printed: string[] = []

// A test that prints hides what the next one prints: output is a failure (style.md, Tests).
beforeEach(() => {
  printed = []
  for (const method of methods)
    console[method] = (...words: unknown[]) => printed.push(`console.${method}: ${words.join(" ")}`)
})

afterEach(() => {
  for (const [method, original] of originals) console[method] = original
  if (printed.length > 0) throw new Error(`The test printed, and tests are silent:\n${printed.join("\n")}`)
})
