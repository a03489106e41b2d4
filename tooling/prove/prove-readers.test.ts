import { expect, it } from "vitest"
import { proveReaders } from "./prove-readers.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove readers, in short: many readers miss nothing, and who takes nothing is left behind",
  async () => {
    const lines: string[] = []
    const isProved = await proveReaders({ isFull: false, seed: 0, print: (line) => void lines.push(line) })
    expect(isProved, lines.join("\n")).toBe(true)
  },
  300_000,
)
