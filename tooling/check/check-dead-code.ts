import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** What nobody uses. What knip is not told of is no loss to it: it has to see all sources. */
export async function checkDeadCode(): Promise<CheckResult> {
  const reports = ["--reporter=symbols", "--reporter=./tooling/check/knip-report.ts"]
  return runTool("knip", ["--no-progress", "--no-config-hints", ...reports], {
    examined: /Knip looked at (\d+) files/,
    atLeast: listedFiles("libs/*/src/*.ts", "apps/*/src/*.ts").length,
  })
}
