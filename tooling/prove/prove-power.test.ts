import { describe, it } from "vitest"
import { whyNoLoopDisk } from "./disk/loop-disk.ts"
import { proveInShort } from "./prove-in-short.ts"
import { provePower } from "./prove-power.ts"

describe.skipIf(whyNoLoopDisk() !== undefined)("pnpm prove power", () => {
  it("in short: what was acknowledged is on the disk when the power goes, and only because commits are synced", async () => {
    await proveInShort(provePower)
  }, 300_000)
})
