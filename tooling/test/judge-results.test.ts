import { expect, it } from "vitest"
import { isGreen, judgeResults, type Report, sumLine } from "./judge-results.ts"

const report = (...statuses: string[]): Report => ({
  testResults: [
    {
      name: "a.test.ts",
      status: statuses.includes("failed") ? "failed" : "passed",
      startTime: 0,
      endTime: 1500,
      assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })),
    },
  ],
})

it("adds up the packages", () => {
  const verdict = judgeResults(
    [
      { name: "a", report: report("passed", "passed") },
      { name: "b", report: report("passed", "failed") },
    ],
    { allowed: [], endedWell: true },
  )
  expect(sumLine(verdict)).toBe("3 passed, 1 failed, 0 skipped")
  expect(isGreen(verdict)).toBe(false)
})

it("forbids a skip that nobody has allowed, and names it", () => {
  const results = [{ name: "a", report: report("passed", "pending") }]
  const verdict = judgeResults(results, { allowed: [], endedWell: true })
  expect(sumLine(verdict)).toBe("1 passed, 0 failed, 1 skipped")
  expect(isGreen(verdict)).toBe(false)
  expect(verdict.lines.join("\n")).toContain("test 1 — NOT ALLOWED")
  const allow = (name: string, suite = "test") => [{ package: name, suite, reason: "no such machine" }]
  expect(isGreen(judgeResults(results, { allowed: allow("b"), endedWell: true }))).toBe(false)
  expect(isGreen(judgeResults(results, { allowed: allow("a", "tes"), endedWell: true }))).toBe(false)
  expect(isGreen(judgeResults(results, { allowed: allow("a"), endedWell: true }))).toBe(true)
})

it("says in one line which suite was skipped, and why", () => {
  const results = [{ name: "a", report: report("passed", "pending", "skipped") }]
  const allowed = [
    { package: "a", suite: "test", reason: "no such machine" },
    { package: "a", suite: "other", reason: "never" },
  ]
  const { lines } = judgeResults(results, { allowed, endedWell: true })
  expect(lines.filter((line) => line.includes("skipped:"))).toEqual(["    skipped: test, 2 tests — no such machine"])
})

it.each([
  ["left no results", undefined],
  ["has no tests", { testResults: [] }],
  ["ran none of its tests", report("todo")],
  [
    "could not be loaded",
    {
      testResults: [{ name: "a.test.ts", status: "failed", startTime: 0, endTime: 0, assertionResults: [] }],
    },
  ],
])("counts a package that %s as failed", (_what, broken) => {
  expect(sumLine(judgeResults([{ name: "a", report: broken }], { allowed: [], endedWell: true }))).toMatch(
    /, 1 failed, /,
  )
})

it("counts a file whose hook failed, though its tests passed", () => {
  const { testResults } = report("passed")
  const broken = { testResults: testResults.map((file) => ({ ...file, status: "failed" })) }
  expect(sumLine(judgeResults([{ name: "a", report: broken }], { allowed: [], endedWell: true }))).toBe(
    "1 passed, 1 failed, 0 skipped",
  )
})

it("is not content with no package at all", () => {
  expect(isGreen(judgeResults([], { allowed: [], endedWell: true }))).toBe(false)
})

it("counts a run that ended badly, though every test passed", () => {
  const verdict = judgeResults([{ name: "a", report: report("passed") }], { allowed: [], endedWell: false })
  expect(sumLine(verdict)).toBe("1 passed, 1 failed, 0 skipped")
})
