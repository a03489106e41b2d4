import { it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { proveRevoke } from "./prove-revoke.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove revoke, in short: with a key end its streams, and have nothing that came after",
  async () => {
    await proveInShort(proveRevoke)
  },
  300_000,
)
