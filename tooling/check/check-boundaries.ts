import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"

/** Dependency rules. Without a working compiler the cruiser sees no module and is content: it has to see all our files. */
export async function checkBoundaries(): Promise<CheckResult> {
  const sources = listedFiles("libs/*.ts", "apps/*.ts", "apps/*.tsx", "docs/examples/*.ts")
  const folders = new Set(sources.map((file) => file.replace(/^(docs\/examples|[^/]+)\/.*/, "$1")))
  return runTool("depcruise", ["--config", ".dependency-cruiser.js", "--output-type", "err-long", ...folders], {
    examined: /(\d+) modules/,
    atLeast: sources.length,
  })
}
