import { globSync } from "node:fs"
import { type CheckResult, runTool } from "./run-tool.ts"

/** Dependency rules. Without a working compiler the cruiser sees no module and is content: it has to see all our files. */
export async function checkBoundaries(): Promise<CheckResult> {
  const folders = ["libs", "apps", "docs/examples"].filter((folder) => globSync(`${folder}/*/package.json`).length > 0)
  const sources = globSync("{libs,apps}/*/src/**/*.ts").length
  const result = await runTool(
    "depcruise",
    ["--config", ".dependency-cruiser.js", "--output-type", "err-long", ...folders],
    { examined: /(\d+) modules/ },
  )
  const seen = Number(/(\d+) modules/.exec(result.output)?.[1] ?? 0)
  if (result.ok && seen < sources)
    return { ok: false, output: `${result.output}\nonly ${seen} modules seen, and there are ${sources} source files` }
  return result
}
