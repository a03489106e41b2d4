import { expect, it } from "vitest"
import { proveRevoke } from "./prove-revoke.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove revoke, in short: with a key end its streams, and have nothing that came after",
  async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveRevoke({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  },
  300_000,
)
