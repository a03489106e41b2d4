import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** Rules that need types. A pattern too many in its configuration and the linter is silent: it has to see all our files. */
export async function checkLint(): Promise<CheckResult> {
  const sources = listedFiles("*.ts", "*.tsx").filter((file) => !/[.]gen[.]ts$|\/generated\//.test(file))
  return runTool("oxlint", [], { examined: /on (\d+) files/, atLeast: sources.length })
}
