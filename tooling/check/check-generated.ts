import { execFileSync } from "node:child_process"
import { cpSync, existsSync, rmSync, symlinkSync } from "node:fs"
import { join, resolve } from "node:path"
import { copyTree } from "./copy-tree.ts"
import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"
import { withTemporaryFolder } from "./temporary-folder.ts"
import { type WorkspacePackage, workspacePackages } from "./workspace-packages.ts"

/** How files that a generator has made are told by their names. */
const GENERATED = ["*.gen.ts", "*/_generated/*"]

/** Runs every package's script `generate` in a copy of the tree: what it changes there has drifted here. */
export async function checkGenerated(): Promise<CheckResult> {
  const generators = workspacePackages().filter(({ manifest }) => manifest.scripts?.generate !== undefined)
  const files = listedFiles(...GENERATED)
  if (generators.length === 0 || files.length === 0)
    return { ok: false, output: "there is no generator, or nothing that one has made" }
  const orphaned = files.filter((file) => !generators.some(({ folder }) => file.startsWith(`${folder}/`)))
  const problems = orphaned.map((file) => `${file} has no generator in its package`)
  await withTemporaryFolder("check-generated", async (copy) => {
    copyTree(copy)
    linkModules(copy)
    for (const generator of generators) problems.push(...(await driftOf(generator, copy)))
  })
  return { ok: problems.length === 0, output: problems.join("\n") }
}

async function driftOf({ folder, manifest }: WorkspacePackage, copy: string): Promise<readonly string[]> {
  // What the generator does not make again is missing afterwards.
  for (const file of listedFiles(...GENERATED.map((pattern) => `${folder}/${pattern}`))) rmSync(join(copy, file))
  const { ok, output } = await runTool("pnpm", ["run", "generate"], { cwd: join(copy, folder) })
  if (!ok) return [`${folder}: its generator fails:\n${output}`]
  return changedFiles(copy, folder).map(
    (file) => `${file} is not what its generator makes: run \`pnpm --filter ${manifest.name} run generate\``,
  )
}

// Each package's links are relative, so in the copy they lead to the copy's own packages.
function linkModules(copy: string) {
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"))
  for (const { folder } of workspacePackages()) {
    const modules = join(folder, "node_modules")
    if (existsSync(modules)) cpSync(modules, join(copy, modules), { recursive: true, verbatimSymlinks: true })
  }
}

function changedFiles(copy: string, folder: string) {
  const words = ["status", "--porcelain", "--untracked-files=all", "-z", "--", folder]
  const status = execFileSync("git", words, { cwd: copy, encoding: "utf8" })
  return status.split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]))
}
