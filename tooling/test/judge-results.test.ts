import { expect, it } from "vitest"
import { isGreen, judgeResults, type Report, sumLine } from "./judge-results.ts"

const report = (...statuses: string[]): Report => ({
  success: true,
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
    [],
  )
  expect(sumLine(verdict)).toBe("3 passed, 1 failed, 0 skipped")
  expect(isGreen(verdict)).toBe(false)
})

it("forbids a skip that nobody has allowed, and names it", () => {
  const results = [{ name: "a", report: report("passed", "pending") }]
  const verdict = judgeResults(results, [])
  expect(sumLine(verdict)).toBe("1 passed, 0 failed, 1 skipped")
  expect(isGreen(verdict)).toBe(false)
  expect(verdict.lines.join("\n")).toContain("test 1 — NOT ALLOWED")
  expect(isGreen(judgeResults(results, [{ package: "a", test: "test 1", reason: "no such machine" }]))).toBe(true)
  expect(isGreen(judgeResults(results, [{ package: "b", test: "test 1", reason: "no such machine" }]))).toBe(false)
})

it.each([
  ["left no results", undefined],
  ["has no tests", { success: true, testResults: [] }],
  ["ran none of its tests", report("todo")],
  [
    "could not be loaded",
    {
      success: false,
      testResults: [{ name: "a.test.ts", status: "failed", startTime: 0, endTime: 0, assertionResults: [] }],
    },
  ],
])("counts a package that %s as failed", (_what, broken) => {
  expect(sumLine(judgeResults([{ name: "a", report: broken }], []))).toMatch(/, 1 failed, /)
})

it("counts a file whose hook failed, though its tests passed", () => {
  const { testResults } = report("passed")
  const broken = { success: false, testResults: testResults.map((file) => ({ ...file, status: "failed" })) }
  expect(sumLine(judgeResults([{ name: "a", report: broken }], []))).toBe("1 passed, 1 failed, 0 skipped")
})

it("is not content with no package at all", () => {
  expect(isGreen(judgeResults([], []))).toBe(false)
})
