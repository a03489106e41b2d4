import { describe, expect, it } from "vitest"
import { whyNoLoopDisk } from "./disk/loop-disk.ts"
import { provePower } from "./prove-power.ts"

describe.skipIf(whyNoLoopDisk() !== undefined)("pnpm prove power", () => {
  it("in short: what was acknowledged is on the disk when the power goes, and only because commits are synced", async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await provePower({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  }, 300_000)
})
