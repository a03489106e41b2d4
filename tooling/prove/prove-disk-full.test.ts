import { describe, expect, it } from "vitest"
import { whyNoLoopDisk } from "./disk/loop-disk.ts"
import { proveDiskFull } from "./prove-disk-full.ts"

describe.skipIf(whyNoLoopDisk() !== undefined)("pnpm prove disk-full", () => {
  it("in short: a disk that is full in the middle of turns loses nothing, and all goes on when there is room", async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveDiskFull({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  }, 300_000)
})
