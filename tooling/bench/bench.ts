import { parseArgs } from "node:util"
import { benchPolicy } from "./policy.ts"
import { benchRelay } from "./relay.ts"
import { benchRestart } from "./restart.ts"
import { benchStall } from "./stall.ts"
import { benchStart } from "./start.ts"

// `pnpm bench NAME`: figures, as ratios of what was measured in one run. Never a test: a machine is never quiet.

const benches = {
  policy: { shows: "a policy of 200 rules: one judgement, and 100,000 recorded ones judged twice", run: benchPolicy },
  relay: { shows: "10,000 chunks from an agent to a reader, beside the bare ACP client", run: benchRelay },
  restart: {
    shows: "a server on 10,000 sessions of 100 events each, until it answers and has listed them",
    run: benchRestart,
  },
  stall: { shows: "how long others wait while a server is asked for something heavy", run: benchStall },
  start: { shows: "from the start of the server to its first answer, and what it needs when idle", run: benchStart },
} as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    chunks: { type: "string", default: "10000" },
    sessions: { type: "string", default: "10000" },
    json: { type: "boolean", default: false },
  },
})
const [name = "", ...rest] = positionals
const runs = Number(values.runs)
const chunks = Number(values.chunks)
const sessions = Number(values.sessions)
if (!Object.hasOwn(benches, name) || rest.length > 0 || ![runs, chunks, sessions].every(isCount)) {
  console.error("usage: pnpm bench NAME [--runs COUNT] [--chunks COUNT] [--sessions COUNT] [--json]")
  for (const [each, { shows }] of Object.entries(benches)) console.error(`  ${each.padEnd(8)} ${shows}`)
  process.exitCode = 2
} else {
  const isGood = await benches[name as keyof typeof benches].run({ runs, chunks, sessions, json: values.json })
  process.exitCode = isGood ? 0 : 1
}

function isCount(value: number) {
  return Number.isInteger(value) && value > 0
}
