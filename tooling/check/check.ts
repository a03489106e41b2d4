import { parseArgs } from "node:util"
import { prove } from "./prove.ts"
import { type Step, steps } from "./steps.ts"

// `pnpm check`: everything that CI checks beside the tests. `--only NAME` runs one step; `--prove` shows that each fails.

const { values } = parseArgs({ options: { only: { type: "string" }, prove: { type: "boolean" } } })
process.exitCode = (await (values.prove ? prove() : check(values.only))) ? 0 : 1

async function check(only: string | undefined) {
  const chosen = steps.filter(({ name }) => only === undefined || name === only)
  if (chosen.length === 0) {
    console.error(`There is no step "${only}". There are: ${steps.map(({ name }) => name).join(", ")}.`)
    return false
  }
  const results: boolean[] = []
  for (const step of chosen) results.push(await runStep(step))
  const failed = results.filter((ok) => !ok).length
  console.log(failed === 0 ? `All ${results.length} checks passed.` : `${failed} of ${results.length} checks failed.`)
  return failed === 0
}

async function runStep({ name, guards, run }: Step) {
  const began = performance.now()
  const { ok, output } = await run()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${ok ? "✓" : "✗"} ${name.padEnd(14)} ${seconds.padStart(5)} s  ${guards}`)
  if (!ok) console.log(output.trim().replaceAll(/^/gm, "    "))
  return ok
}
