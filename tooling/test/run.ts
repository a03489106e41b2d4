import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type AllowedSkip, isGreen, judgeResults, type PackageResult, sumLine } from "./judge-results.ts"

// `npm test`: every package's tests, from source. The last line is the sum over all packages.

interface Workspace {
  readonly name: string
  readonly path: string
}

const packages = (
  JSON.parse(execFileSync("pnpm", ["list", "--recursive", "--depth=-1", "--json"], { encoding: "utf8" })) as Workspace[]
).filter(hasTests)
for (const { path } of packages) rmSync(join(path, "test-results.json"), { force: true })
const turbo = spawnSync(
  "turbo",
  ["run", "test", "--continue", "--concurrency=1", "--output-logs=errors-only", ...process.argv.slice(2)],
  { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...colours() } },
)

const allowed = JSON.parse(readFileSync(new URL("allowed-skips.json", import.meta.url), "utf8")) as AllowedSkip[]
const verdict = judgeResults(packages.map(readResult), { allowed, endedWell: turbo.status === 0 })
const isWhole = process.argv.length === 2
for (const line of verdict.lines) console.log(line)
console.log(sumLine(verdict))
process.exitCode = turbo.status === 0 && (isGreen(verdict) || !isWhole) ? 0 : 1

function hasTests({ path }: Workspace) {
  const { scripts } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as {
    scripts?: Record<string, string>
  }
  return scripts?.test !== undefined && path !== process.cwd()
}

// turbo makes the programs below it believe in a terminal.
function colours() {
  return process.stdout.isTTY && !process.env.NO_COLOR ? {} : { NO_COLOR: "1", FORCE_COLOR: "0" }
}

function readResult({ name, path }: Workspace): PackageResult {
  const file = join(path, "test-results.json")
  return {
    name,
    report: existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PackageResult["report"]) : undefined,
  }
}
