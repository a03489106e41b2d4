import { it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { proveRaces } from "./prove-races.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove races, in short: one decision each, and the losers are told who",
  async () => {
    await proveInShort(proveRaces)
  },
  300_000,
)
