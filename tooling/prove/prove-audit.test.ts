import { expect, it } from "vitest"
import { proveAudit } from "./prove-audit.ts"
import { proveInShort } from "./prove-in-short.ts"

it("pnpm prove audit, in short: what is changed in a log is found, and its proofs hold", async () => {
  const said = await proveInShort(proveAudit)
  // That it had something to look at.
  expect(said).toMatch(/flipped in a log of 300 entries: \d{3,} of entries, \d{2,} of leaves/)
  expect(said).toMatch(/\b4224 proofs, all up to 64 entries/)
}, 300_000)
