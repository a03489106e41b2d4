import { describe, it } from "vitest"
import { whyNoLoopDisk } from "./disk/loop-disk.ts"
import { proveDiskFull } from "./prove-disk-full.ts"
import { proveInShort } from "./prove-in-short.ts"

describe.skipIf(whyNoLoopDisk() !== undefined)("pnpm prove disk-full", () => {
  it("in short: a disk that is full in the middle of turns loses nothing, and all goes on when there is room", async () => {
    await proveInShort(proveDiskFull)
  }, 300_000)
})
