import { expect, it } from "vitest"
import { proveRaces } from "./prove-races.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove races, in short: one decision each, and the losers are told who",
  async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveRaces({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  },
  300_000,
)
