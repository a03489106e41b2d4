import { expect, it } from "vitest"
import { proveSleepers } from "./prove-sleepers.ts"

it.skipIf(process.platform !== "linux")(
  "pnpm prove sleepers, in short: many sessions answer with few agents alive",
  async () => {
    const lines: string[] = []
    const isProved = await proveSleepers({ isFull: false, seed: 0, print: (line) => void lines.push(line) })
    expect(isProved, lines.join("\n")).toBe(true)
    expect(lines.join("\n")).toContain("at most 4 agents alive")
  },
  300_000,
)
