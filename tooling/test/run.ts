import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { findChromium } from "../e2e/chromium.ts"
import { hasRealAgent } from "../e2e-claude/installed.ts"
import { findPostgres } from "../postgres/find-postgres.ts"
import { whyNoLoopDisk } from "../prove/disk/loop-disk.ts"
import { whyNoStrace } from "../prove/syscalls/strace.ts"
import { findPython } from "../python/find-python.ts"
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
  { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...colours(), AEGIS_TESTED_WITH: testedWith() } },
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

// What a machine may lack. It is part of the cache's key: what was skipped without it is no result with it.
function testedWith() {
  return [
    findChromium(process.env) ?? "no browser",
    hasRealAgent(process.env) ? "real agent" : "no real agent",
    whyNoLoopDisk() === undefined ? "loop disks" : "no loop disks",
    whyNoStrace() === undefined ? "strace" : "no strace",
    findPostgres(process.env) ?? "no PostgreSQL",
    findPython(process.env) ?? "no Python",
  ].join(", ")
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
