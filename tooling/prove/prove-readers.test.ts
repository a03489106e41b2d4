import { it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { proveReaders } from "./prove-readers.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove readers, in short: many readers miss nothing, and who takes nothing is left behind",
  async () => {
    await proveInShort(proveReaders)
  },
  300_000,
)
