import { parseArgs } from "node:util"
import { proveApprovals } from "./prove-approvals.ts"
import { proveAudit } from "./prove-audit.ts"
import { proveBrowser } from "./prove-browser.ts"
import { proveContract } from "./prove-contract.ts"
import { proveDiskFull } from "./prove-disk-full.ts"
import { proveFuzz } from "./prove-fuzz.ts"
import { proveHostileAgent } from "./prove-hostile-agent.ts"
import { proveKill } from "./prove-kill.ts"
import { proveMatrix } from "./prove-matrix.ts"
import { proveModel } from "./prove-model.ts"
import { proveNodes } from "./prove-nodes.ts"
import { provePower } from "./prove-power.ts"
import { proveRaces } from "./prove-races.ts"
import { proveReaders } from "./prove-readers.ts"
import { proveRevoke } from "./prove-revoke.ts"
import { proveSleepers } from "./prove-sleepers.ts"
import { proveSoak } from "./prove-soak.ts"
import { proveSyscalls } from "./prove-syscalls.ts"

// `pnpm prove NAME`: what no single test can show. Slow in full, and run by hand or at night; in short by the tests.

export interface ProofOptions {
  /** As long as it takes to be believed, instead of as long as a test may take. */
  readonly isFull: boolean
  /** Random choices come again with the same one. */
  readonly seed: number
  /** How often, instead of what full and short mean. */
  readonly count?: number
  /** A line for whoever waits. */
  readonly print: (line: string) => void
}

interface Proof {
  readonly shows: string
  run(options: ProofOptions): Promise<boolean>
}

const proofs: Readonly<Record<string, Proof>> = {
  approvals: { shows: "nothing runs but what was approved, by whom it takes, as it was shown", run: proveApprovals },
  audit: { shows: "a log is changed in every way, and an audit with the client alone finds it", run: proveAudit },
  browser: { shows: "pages of others and text in our own bring a browser to nothing", run: proveBrowser },
  contract: {
    shows: "server, document and clients have the same operations, and these do as promised",
    run: proveContract,
  },
  "disk-full": {
    shows: "the disk is full in the middle of turns, and all goes on when there is room",
    run: proveDiskFull,
  },
  fuzz: { shows: "whatever is asked, nothing fails, hangs or tells what it must not", run: proveFuzz },
  "hostile-agent": { shows: "agents that say what they should not harm nothing", run: proveHostileAgent },
  kill: { shows: "servers, hosts and agents are killed with -9 under load, and nothing is lost", run: proveKill },
  matrix: { shows: "every credential may do what it should, everywhere, and nothing else", run: proveMatrix },
  model: { shows: "the core's rules hold in every order of a small world", run: proveModel },
  power: { shows: "the power goes at random moments, and the disk has all that was acknowledged", run: provePower },
  races: { shows: "many decide the same at once, through every door, and one wins", run: proveRaces },
  readers: { shows: "thousands of readers miss nothing, wait little, and cost little", run: proveReaders },
  revoke: { shows: "a key ends, and with it every stream that it has open", run: proveRevoke },
  sleepers: { shows: "many sessions answer with few agents alive", run: proveSleepers },
  soak: { shows: "sessions come and go for long, and nothing of them is held in the end", run: proveSoak },
  syscalls: {
    shows: "writes and syncs of the log fail one by one, and nothing is lost or damaged",
    run: proveSyscalls,
  },
  nodes: { shows: "a clean clone works on the machine's Node and on every supported line", run: proveNodes },
}

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]) {
  const { name = "", options } = parse(words)
  const proof = Object.hasOwn(proofs, name) ? proofs[name] : undefined
  if (proof && options) return (await proof.run(options)) ? 0 : 1
  console.error("usage: pnpm prove NAME [--full] [--seed N] [--count N]")
  for (const [each, { shows }] of Object.entries(proofs)) console.error(`  ${each.padEnd(14)} ${shows}`)
  return 2
}

function parse(words: readonly string[]): { readonly name?: string | undefined; readonly options?: ProofOptions } {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { full: { type: "boolean" }, seed: { type: "string" }, count: { type: "string" } },
    })
    const [name, ...rest] = positionals
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
    const count = values.count === undefined ? {} : { count: Number(values.count) }
    const isClear = rest.length === 0 && Number.isSafeInteger(seed) && Number.isSafeInteger(count.count ?? 1)
    return isClear ? { name, options: { isFull: values.full === true, seed, ...count, print: console.log } } : { name }
  } catch {
    // An option that there is not: the usage says which there are.
    return {}
  }
}
