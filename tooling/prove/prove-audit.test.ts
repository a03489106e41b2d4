import { expect, it } from "vitest"
import { proveAudit } from "./prove-audit.ts"

it("pnpm prove audit, in short: what is changed in a log is found, and its proofs hold", async () => {
  const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
  const lines: string[] = []
  const isProved = await proveAudit({ isFull: false, seed, print: (line) => void lines.push(line) })
  expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  // That it had something to look at.
  expect(lines.join("\n")).toMatch(/flipped in a log of 300 entries: \d{3,} of entries, \d{2,} of leaves/)
  expect(lines.join("\n")).toMatch(/\b4224 proofs, all up to 64 entries/)
}, 300_000)
