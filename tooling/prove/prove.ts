import { proveNodes } from "./prove-nodes.ts"

// `pnpm prove NAME`: what no single test can show, shown on whole copies of the repository. Slow, and run by hand or at
// night.

interface Proof {
  readonly shows: string
  run(): Promise<boolean>
}

const proofs: Readonly<Record<string, Proof>> = {
  nodes: { shows: "a clean clone works on the machine's Node and on every supported line", run: proveNodes },
}

const [name = "", ...rest] = process.argv.slice(2)
const proof = Object.hasOwn(proofs, name) && rest.length === 0 ? proofs[name] : undefined
if (proof) process.exitCode = (await proof.run()) ? 0 : 1
else {
  console.error("usage: pnpm prove NAME")
  for (const [each, { shows }] of Object.entries(proofs)) console.error(`  ${each.padEnd(10)} ${shows}`)
  process.exitCode = 2
}
