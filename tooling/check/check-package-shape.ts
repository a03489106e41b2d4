import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type CheckResult, runTool } from "./run-tool.ts"
import { withTemporaryFolder } from "./temporary-folder.ts"
import { type Manifest, workspacePackages } from "./workspace-packages.ts"

/** Builds and packs what is published, and looks at the packed files as a stranger would. */
export async function checkPackageShape(): Promise<CheckResult> {
  const published = workspacePackages().filter(({ manifest }) => manifest.private !== true)
  if (published.length === 0) return { ok: false, output: "there is no package to publish" }
  const wanted = published.map(({ folder }) => `--filter=./${folder}`)
  const words = ["run", "build", "--output-logs=errors-only", ...wanted]
  const built = await runTool("turbo", words, { examined: /(\d+) successful/, atLeast: published.length })
  if (!built.ok) return built
  return withTemporaryFolder("package-shape", async (folder) => {
    const results: CheckResult[] = []
    for (const { folder: source } of published) results.push(await checkPacked(source, folder))
    return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("\n") }
  })
}

async function checkPacked(source: string, folder: string): Promise<CheckResult> {
  const packed = await runTool("pnpm", ["pack", "--pack-destination", folder], { cwd: join(process.cwd(), source) })
  const tarball = /\S+\.tgz/.exec(packed.output)?.[0]
  if (!packed.ok || tarball === undefined) return { ok: false, output: `${source} cannot be packed:\n${packed.output}` }
  const problems = await packedProblems(tarball, join(folder, source.replaceAll("/", "-")))
  const publint = await runTool("publint", [tarball, "--strict"])
  const attw = await runTool("attw", [tarball, "--profile", "esm-only"])
  const failed = [publint, attw].filter(({ ok }) => !ok).map(({ output }) => output)
  const all = [...problems, ...failed]
  return { ok: all.length === 0, output: all.map((problem) => `${source}: ${problem}`).join("\n") }
}

async function packedProblems(tarball: string, target: string) {
  await runTool("mkdir", ["-p", target])
  const unpacked = await runTool("tar", ["-xzvf", tarball, "-C", target])
  if (!unpacked.ok) return [unpacked.output]
  const files = unpacked.output.split("\n").map((line) => line.replace(/^package\//, ""))
  const text = readFileSync(join(target, "package", "package.json"), "utf8")
  const targets = targetsOf((JSON.parse(text) as Manifest).exports)
  return [
    ...(JSON.stringify((JSON.parse(text) as Manifest).exports ?? {}).includes("@aegis/source")
      ? ["the packed manifest still leads to the source"]
      : []),
    ...(/"(workspace|catalog):/.test(text) ? ["the packed manifest has versions that only the workspace knows"] : []),
    ...files.filter((file) => /^(src|test)\//.test(file)).map((file) => `${file} is packed`),
    ...targets
      .filter((file) => !files.includes(file.replace("./", "")))
      .map((file) => `${file} is exported and not packed`),
    ...(targets.length === 0 ? ["nothing is exported"] : []),
  ]
}

function targetsOf(exports: unknown): string[] {
  if (typeof exports === "string") return [exports]
  return typeof exports === "object" && exports !== null ? Object.values(exports).flatMap(targetsOf) : []
}
