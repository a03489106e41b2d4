import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type CheckResult, runTool } from "./run-tool.ts"
import { type Violation, violations } from "./violations.ts"

/** Plants one violation after the other in a copy of the tree, and shows that its step finds it and names it. */
export async function prove() {
  const copy = copyTree()
  try {
    console.log("installing the copy …")
    const installed = await runTool("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: copy })
    if (!installed.ok) throw new Error(`The copy could not be installed:\n${installed.output}`)
    const missed: string[] = []
    for (const violation of violations) if (!(await isCaught(violation, copy))) missed.push(violation.title)
    console.log(
      missed.length === 0
        ? `All ${violations.length} planted violations were found.`
        : `${missed.length} were not found: ${missed.join("; ")}.`,
    )
    return missed.length === 0
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function isCaught(violation: Violation, copy: string) {
  const clean = await runStep(violation.step, copy)
  if (!clean.ok) return report(violation, `the step fails without it:\n${clean.output}`)
  const file = join(copy, violation.file)
  const before = readIfThere(file)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, violation.plant(before ?? ""))
  const began = performance.now()
  const planted = await runStep(violation.step, copy)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (before === undefined) rmSync(file)
  else writeFileSync(file, before)
  if (planted.ok) return report(violation, "was not found")
  if (!planted.output.includes(violation.named))
    return report(violation, `was not named (${violation.named}):\n${planted.output}`)
  console.log(`✓ ${violation.step.padEnd(14)} ${seconds.padStart(5)} s  ${violation.title}`)
  return true
}

function report({ step, title }: Violation, problem: string) {
  console.log(`✗ ${step.padEnd(14)}          ${title}: ${problem}`)
  return false
}

function runStep(step: string, cwd: string): Promise<CheckResult> {
  return runTool("node", ["tooling/check/check.ts", "--only", step], { cwd })
}

// What git knows or would take, as it stands in the working tree.
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), "check-prove-"))
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  })
  for (const file of listed.split("\0").filter((name) => name !== ""))
    cpSync(file, join(copy, file), { verbatimSymlinks: true })
  execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd: copy })
  execFileSync("git", ["add", "--all"], { cwd: copy })
  execFileSync(
    "git",
    ["-c", "user.name=prove", "-c", "user.email=prove@localhost", "commit", "--quiet", "--message", "tree"],
    { cwd: copy },
  )
  return copy
}

function readIfThere(file: string) {
  try {
    return readFileSync(file, "utf8")
  } catch {
    // It is a file that the violation adds.
    return undefined
  }
}
