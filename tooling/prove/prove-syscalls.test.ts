import { describe, expect, it } from "vitest"
import { wrongRefusal } from "./kill/writer.ts"
import { proveInShort } from "./prove-in-short.ts"
import { proveSyscalls } from "./prove-syscalls.ts"
import { whyNoStrace } from "./syscalls/strace.ts"

describe.skipIf(whyNoStrace() !== undefined)("pnpm prove syscalls", () => {
  it("in short: where writes and syncs fail, nothing is acknowledged that is not there", async () => {
    await proveInShort(proveSyscalls)
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
