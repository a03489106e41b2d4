import { type CheckResult, runTool } from "./run-tool.ts"
import { workspacePackages } from "./workspace-packages.ts"

/** Every package has a type check, and it passes. */
export async function checkTypes(): Promise<CheckResult> {
  const without = workspacePackages().filter(({ manifest }) => manifest.scripts?.typecheck === undefined)
  if (without.length > 0)
    return { ok: false, output: `no script "typecheck" in ${without.map(({ folder }) => folder).join(", ")}` }
  return runTool("turbo", ["run", "typecheck", "--output-logs=errors-only"], { examined: /(\d+) successful/ })
}
