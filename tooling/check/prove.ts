import { basename } from "node:path"
import { copyTree } from "./copy-tree.ts"
import { plantViolation } from "./plant-violation.ts"
import { type CheckResult, runTool } from "./run-tool.ts"
import type { Step } from "./steps.ts"
import { withTemporaryFolder } from "./temporary-folder.ts"
import { type Violation, violations } from "./violations.ts"

/** Plants one violation after the other in a copy of the tree, and shows that its step finds it and names it. */
export function prove(chosen: readonly Step[]) {
  return withTemporaryFolder("check-prove", async (copy) => {
    copyTree(copy)
    await installCopy(copy)
    const missed: string[] = []
    for (const step of chosen) missed.push(...(await proveStep(step, copy)))
    console.log(
      missed.length === 0
        ? `All ${plantedFor(chosen)} violations were found and named, by ${chosen.length} steps.`
        : `${missed.length} not proved: ${missed.join("; ")}.`,
    )
    return missed.length === 0
  })
}

function plantedFor(chosen: readonly Step[]) {
  return violations.filter(({ step }) => chosen.some(({ name }) => name === step)).length
}

async function installCopy(copy: string) {
  const { ok, output } = await runTool("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd: copy })
  if (!ok) throw new Error(`The copy could not be installed:\n${output}`)
}

/** Gives what is not proved. A step that fails by itself, or for which nothing is planted, proves nothing. */
async function proveStep({ name, guards }: Step, copy: string): Promise<readonly string[]> {
  console.log(`${name}: ${guards}`)
  const own = violations.filter(({ step }) => step === name)
  if (own.length === 0) return report(name, { problem: "nothing is planted for it" })
  const clean = await runStep(name, copy)
  if (!clean.ok) return report("as it is", { seconds: clean.seconds, problem: `it fails already\n${clean.output}` })
  const missed = [...report("as it is", { seconds: clean.seconds })]
  for (const violation of own) missed.push(...(await proveViolation(violation, copy)))
  return missed
}

async function proveViolation(violation: Violation, copy: string) {
  const remove = plantViolation(violation, copy)
  const result = await runStep(violation.step, copy)
  remove()
  return report(violation.title, { seconds: result.seconds, problem: problemOf(violation, result) })
}

// A step that fails for another reason has not found it: its words have to lead to the place.
function problemOf({ file, named }: Violation, { ok, output }: CheckResult) {
  if (ok) return "it was not found"
  const place = /[.](json|yaml)$/.test(file) ? [] : [basename(file)]
  const unnamed = [...place, ...named].filter((words) => !output.includes(words))
  return unnamed.length === 0 ? undefined : `not said: ${unnamed.join(", ")}\n${output}`
}

async function runStep(step: string, cwd: string) {
  const began = performance.now()
  const result = await runTool("node", ["tooling/check/check.ts", "--only", step], { cwd })
  return { ...result, seconds: (performance.now() - began) / 1000 }
}

function report(title: string, { seconds = 0, problem }: { seconds?: number; problem?: string | undefined }) {
  console.log(`  ${problem ? "✗" : "✓"} ${seconds.toFixed(1).padStart(5)} s  ${title}`)
  if (problem) console.log(problem.trim().replaceAll(/^/gm, "      "))
  return problem ? [title] : []
}
