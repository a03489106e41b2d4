import { it } from "vitest"
import { proveApprovals } from "./prove-approvals.ts"
import { proveInShort } from "./prove-in-short.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove approvals, in short: what runs was approved, as it was shown",
  async () => {
    await proveInShort(proveApprovals)
  },
  300_000,
)
