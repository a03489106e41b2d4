import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileSequence, compileText, matchesSequence } from "../src/glob.ts"

describe("a pattern of a text", () => {
  it.each([
    ["a", "a", true],
    ["a", "ab", false],
    ["a", "A", false],
    ["*", "", true],
    ["*", "a/b", true],
    ["a*", "a", true],
    ["a*", "ba", false],
    ["*a", "ba", true],
    ["*a", "ab", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "axbxc", true],
    ["a*b*c", "acb", false],
    ["a*bc*bc", "abc", false],
    ["a**b", "ab", true],
    ["a.b", "axb", false],
    ["a+(b)", "a+(b)", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a\\\\*", "a\\b", true],
  ])("%j of %j: %s", (pattern, text, expected) => {
    expect(compileText(pattern)(text)).toBe(expected)
  })

  it("says the same as a slow and simple definition", () => {
    const matches = (pattern: string, text: string): boolean => {
      if (pattern === "") return text === ""
      if (pattern[0] !== "*") return pattern[0] === text[0] && text !== "" && matches(pattern.slice(1), text.slice(1))
      return matches(pattern.slice(1), text) || (text !== "" && matches(pattern, text.slice(1)))
    }
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 })
    fc.assert(
      fc.property(pattern, text, (p, t) => compileText(p)(t) === matches(p, t)),
      { numRuns: 2_000 },
    )
  })
})

describe("a pattern of parts", () => {
  const parts = (text: string) => (text === "" ? [] : text.split("/"))
  const matches = (pattern: string, text: string) => matchesSequence(compileSequence(parts(pattern)), parts(text))

  it.each([
    ["a/b", "a/b", true],
    ["a/b", "a/b/c", false],
    ["a/*", "a/b", true],
    ["a/*", "a/b/c", false],
    ["a/*", "a", false],
    ["**", "", true],
    ["a/**", "a", true],
    ["a/**", "a/b/c", true],
    ["**/a", "a", true],
    ["**/a", "b/c/a", true],
    ["**/a", "a/b", false],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/a", "a", false],
    ["**/a/b/**", "x/a/a/b/y", true],
    ["**/a/**/a/**", "x/a/y", false],
  ])("%j of %j: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it("says the same as a slow and simple definition", () => {
    const slow = ([pattern, ...patterns]: string[], [part, ...rest]: string[]): boolean => {
      if (pattern === undefined) return part === undefined
      if (pattern === "**")
        return (
          slow(patterns, part === undefined ? [] : [part, ...rest]) ||
          (part !== undefined && slow([pattern, ...patterns], rest))
        )
      return part !== undefined && (pattern === "*" || pattern === part) && slow(patterns, rest)
    }
    const pattern = fc.array(fc.constantFrom("a", "b", "*", "**"), { maxLength: 6 })
    const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 })
    fc.assert(
      fc.property(pattern, text, (p, t) => matchesSequence(compileSequence(p), t) === slow(p, t)),
      { numRuns: 2_000 },
    )
  })
})

describe("the time that hostile patterns take", () => {
  // With backtracking, or in steps of its square, it would not end in a day.
  it.each([
    ["stars", `${"*a".repeat(200)}*b`, (size: number) => "a".repeat(size)],
    ["long pieces", `*${"a".repeat(200)}b*`, (size: number) => "a".repeat(size)],
    ["pieces that nearly fit", `*${"ab".repeat(100)}c*`, (size: number) => "ab".repeat(size / 2)],
    ["a first that never comes", `*b${"a".repeat(200)}*`, (size: number) => "a".repeat(size)],
  ])("grows with the text: %s", (_what, pattern, textOf) => {
    expect(compileText(pattern)(textOf(10_000_000))).toBe(false)
  })

  it.each([
    ["any parts", [...Array<string[]>(15).fill(["**", "a"]).flat(), "b"]],
    ["runs", ["**", ...Array<string>(29).fill("a"), "b", "**"]],
    ["runs after runs", Array<string[]>(8).fill(["**", "a", "a", "a"]).flat().concat("b")],
  ])("looks at a part no more often than the pattern has parts: %s", (_what, patterns) => {
    let looks = 0
    const sequence = compileSequence(patterns, (pattern) => {
      const test = compileText(pattern)
      return (part) => {
        looks++
        return test(part)
      }
    })
    expect(matchesSequence(sequence, Array<string>(100_000).fill("a"))).toBe(false)
    expect(looks).toBeLessThanOrEqual(patterns.length * 100_000)
  })
})
