import { it } from "vitest"
import { proveFuzz } from "./prove-fuzz.ts"
import { proveInShort } from "./prove-in-short.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove fuzz, in short: nothing fails, hangs, tells of the inside or says a secret",
  async () => {
    await proveInShort(proveFuzz)
  },
  300_000,
)
