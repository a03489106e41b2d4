import { expect, it } from "vitest"
import { proveContract } from "./prove-contract.ts"
import { proveInShort } from "./prove-in-short.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove contract, in short: server, document and clients have the same operations, which do as promised",
  async () => {
    const said = await proveInShort(proveContract)
    expect(said).toContain("32 operations of the README")
    expect(said).toContain("0 problems")
  },
  300_000,
)
