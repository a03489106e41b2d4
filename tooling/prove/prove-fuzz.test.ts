import { expect, it } from "vitest"
import { proveFuzz } from "./prove-fuzz.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove fuzz, in short: nothing fails, hangs, tells of the inside or says a secret",
  async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveFuzz({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  },
  300_000,
)
