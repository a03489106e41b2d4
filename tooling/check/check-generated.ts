import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type CheckResult, runTool } from "./run-tool.ts"
import { workspacePackages } from "./workspace-packages.ts"

/** Runs each package's generator over the committed files, and compares; what was there before is put back. */
export async function checkGenerated(): Promise<CheckResult> {
  const generators = workspacePackages().filter(({ manifest }) => manifest.scripts?.generate !== undefined)
  const files = trackedFiles("*.gen.ts", "libs/openapi-contract/openapi.json", "libs/client/src/generated")
  if (generators.length === 0 || files.length === 0)
    return { ok: false, output: "there is no generator, or nothing that one has made" }
  const before = new Map(files.map((file) => [file, readFileSync(file, "utf8")]))
  const outputs: string[] = []
  for (const { folder } of generators) {
    const result = await runTool("pnpm", ["run", "generate"], { cwd: join(process.cwd(), folder) })
    if (!result.ok) return result
    outputs.push(result.output)
  }
  const drifted = files.filter((file) => readFileSync(file, "utf8") !== before.get(file))
  const orphaned = files.filter((file) => !generators.some(({ folder }) => file.startsWith(`${folder}/`)))
  const problems = [
    ...drifted.map((file) => `${file} was not what its generator makes; it is now: commit it`),
    ...orphaned.map((file) => `${file} has no generator in its package`),
  ]
  return { ok: problems.length === 0, output: problems.length === 0 ? outputs.join("\n") : problems.join("\n") }
}

function trackedFiles(...patterns: readonly string[]) {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...patterns], {
    encoding: "utf8",
  })
  return listed.split("\n").filter((file) => file !== "")
}
