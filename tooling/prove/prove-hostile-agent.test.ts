import { expect, it } from "vitest"
import { hostileTranscript } from "./hostile/transcript.ts"
import { proveHostileAgent } from "./prove-hostile-agent.ts"
import { proveInShort } from "./prove-in-short.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove hostile-agent, in short: nothing that an agent says harms the server",
  async () => {
    await proveInShort(proveHostileAgent)
  },
  300_000,
)

it("a hostile agent says the same with the same number, and something else with another", () => {
  const said = (seed: number) => Buffer.concat(hostileTranscript(seed, 1)).toString()
  expect(said(5)).toBe(said(5))
  expect(new Set(Array.from({ length: 200 }, (_, seed) => said(seed))).size).toBeGreaterThan(190)
})
