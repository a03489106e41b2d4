/** What vitest's json reporter writes, as far as it is read here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly startTime: number
    readonly endTime: number
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

export interface PackageResult {
  readonly name: string
  /** Absent when the package's tests left none. */
  readonly report: Report | undefined
}

/** Tests that may be skipped, all of a suite at once, and why that is right. */
export interface AllowedSkip {
  readonly package: string
  /** The name of the outermost `describe`. */
  readonly suite: string
  readonly reason: string
}

export interface Verdict {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly forbidden: number
  readonly lines: readonly string[]
}

export interface JudgeResultsOptions {
  readonly allowed: readonly AllowedSkip[]
  /** Whether the programs that ran the tests ended well. */
  readonly endedWell: boolean
}

/**
 * Adds up the packages. A package without a test that ran has failed, and so has a file that could not be loaded, or a
 * run that ended badly although each of its tests passed (something was thrown outside them).
 */
export function judgeResults(results: readonly PackageResult[], { allowed, endedWell }: JudgeResultsOptions): Verdict {
  const width = Math.max(0, ...results.map(({ name }) => name.length))
  const counts = results.map((result) => countsOf(result, allowed, width))
  const sum = (key: "passed" | "failed" | "skipped" | "forbidden") =>
    counts.reduce((total, count) => total + count[key], 0)
  const isUnexplained = results.length === 0 || (!endedWell && sum("failed") === 0)
  return {
    passed: sum("passed"),
    failed: sum("failed") + (isUnexplained ? 1 : 0),
    skipped: sum("skipped"),
    forbidden: sum("forbidden"),
    lines: [
      toRow(" ", "", width, ["passed", "failed", "skipped", "seconds"]),
      ...counts.flatMap(({ lines }) => lines),
      ...(endedWell ? [] : ["The tests did not end well; see above."]),
    ],
  }
}

export function isGreen({ passed, failed, forbidden }: Verdict) {
  return passed > 0 && failed === 0 && forbidden === 0
}

export function sumLine({ passed, failed, skipped }: Verdict) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function countsOf({ name, report }: PackageResult, allowed: readonly AllowedSkip[], width: number) {
  const files = report?.testResults ?? []
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const passed = tests.filter(({ status }) => status === "passed").length
  const skips = tests.filter(({ status }) => status !== "passed" && status !== "failed")
  // A file that fails as a whole (it cannot be loaded, a hook throws) may report no failed test of its own.
  const broken = files.filter(
    (file) => file.status !== "passed" && file.assertionResults.every(({ status }) => status !== "failed"),
  ).length
  const failed =
    tests.filter(({ status }) => status === "failed").length + broken + (passed === 0 && broken === 0 ? 1 : 0)
  const judged = skips.map(({ fullName }) => ({
    fullName,
    allowance: allowed.find((skip) => skip.package === name && fullName.startsWith(`${skip.suite} `)),
  }))
  const unexplained = judged.filter(({ allowance }) => allowance === undefined)
  const explained = allowed
    .map((allowance) => ({ ...allowance, count: judged.filter((skip) => skip.allowance === allowance).length }))
    .filter(({ count }) => count > 0)
  const milliseconds = files.reduce((total, { startTime, endTime }) => total + Math.max(0, endTime - startTime), 0)
  return {
    passed,
    failed,
    skipped: skips.length,
    forbidden: unexplained.length,
    lines: [
      toRow(failed > 0 ? "✗" : "✓", name, width, [passed, failed, skips.length, (milliseconds / 1000).toFixed(1)]),
      ...(report ? [] : ["    left no results"]),
      ...explained.map(({ suite, reason, count }) => `    skipped: ${suite}, ${count} tests — ${reason}`),
      ...unexplained.map(
        ({ fullName }) => `    skipped: ${fullName} — NOT ALLOWED: see tooling/test/allowed-skips.json`,
      ),
    ],
  }
}

function toRow(mark: string, name: string, width: number, cells: readonly (string | number)[]) {
  return `${mark} ${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(8)).join("")}`
}
