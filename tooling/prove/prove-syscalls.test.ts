import { describe, expect, it } from "vitest"
import { wrongRefusal } from "./kill/writer.ts"
import { proveSyscalls } from "./prove-syscalls.ts"
import { whyNoStrace } from "./syscalls/strace.ts"

describe.skipIf(whyNoStrace() !== undefined)("pnpm prove syscalls", () => {
  it("in short: where writes and syncs fail, nothing is acknowledged that is not there", async () => {
    const seed = Number(process.env.PROVE_SEED ?? Math.floor(Math.random() * 1_000_000))
    const lines: string[] = []
    const isProved = await proveSyscalls({ isFull: false, seed, print: (line) => void lines.push(line) })
    expect(isProved, `PROVE_SEED=${seed}\n${lines.join("\n")}`).toBe(true)
  }, 300_000)
})

it("a refusal helps when its status, its form and its words do", () => {
  const good = {
    status: 503,
    mediaType: "application/problem+json",
    code: "storage-full",
    detail: "The disk is full. Free some space.",
  }
  expect(wrongRefusal(good)).toBeUndefined()
  for (const change of [{ status: 500 }, { mediaType: "application/json" }, { detail: "Error" }])
    expect(wrongRefusal({ ...good, ...change })).toContain("refused with")
})
