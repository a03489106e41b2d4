import { expect, it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { proveSleepers } from "./prove-sleepers.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove sleepers, in short: many sessions answer with few agents alive",
  async () => {
    const said = await proveInShort(proveSleepers)
    expect(said).toContain("at most 4 agents alive")
  },
  300_000,
)
