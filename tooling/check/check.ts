import { parseArgs } from "node:util"
import { prove } from "./prove.ts"
import { toStepLine } from "./step-line.ts"
import { type Step, steps } from "./steps.ts"

// `pnpm check`: everything that CI checks beside the tests. `--prove` shows that each step fails; `--only NAME` takes one.

// Told to end, it exits: that removes the temporary folders, too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))
const { values } = parseArgs({ options: { only: { type: "string" }, prove: { type: "boolean" } } })
const chosen = steps.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) {
  console.error(`There is no step "${values.only}". There are: ${steps.map(({ name }) => name).join(", ")}.`)
  process.exitCode = 1
} else process.exitCode = (await (values.prove ? prove(chosen) : check())) ? 0 : 1

async function check() {
  const waiting = [...chosen]
  const failed: string[] = []
  await Promise.all([runSteps(waiting, failed), runSteps(waiting, failed)])
  console.log(
    failed.length === 0
      ? `All ${chosen.length} checks passed.`
      : `${failed.length} of ${chosen.length} checks failed: ${failed.join(", ")}.`,
  )
  return failed.length === 0
}

/** Takes steps while any waits; several may take from the same. */
async function runSteps(waiting: Step[], failed: string[]) {
  for (let step = waiting.shift(); step; step = waiting.shift()) if (!(await runStep(step))) failed.push(step.name)
}

async function runStep({ name, guards, run }: Step) {
  const began = performance.now()
  const { ok, output } = await run()
  const seconds = (performance.now() - began) / 1000
  console.log(toStepLine({ ok, name, seconds, guards }, process.stdout))
  if (!ok) console.log(output.trim().replaceAll(/^/gm, "    "))
  return ok
}
