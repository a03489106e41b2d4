import { expect, it } from "vitest"
import { proveApprovals } from "./prove-approvals.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove approvals, in short: what runs was approved, as it was shown",
  async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveApprovals({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  },
  300_000,
)
