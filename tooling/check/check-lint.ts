import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** Rules that need types. A pattern too many in its configuration and ESLint is silent: it has to see all our files. */
export async function checkLint(): Promise<CheckResult> {
  const sources = listedFiles("*.ts", "*.tsx").filter((file) => !/[.]gen[.]ts$|\/generated\//.test(file))
  return runTool("eslint", [".", "--max-warnings=0", "--format=./tooling/check/eslint-report.ts"], {
    examined: /Linted (\d+) files/,
    atLeast: sources.length,
  })
}
