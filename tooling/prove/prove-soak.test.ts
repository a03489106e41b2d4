import { describe, expect, it } from "vitest"
import { proveInShort } from "./prove-in-short.ts"
import { proveSoak } from "./prove-soak.ts"
import { floorsOf, slopeOf } from "./soak/slope.ts"

describe.skipIf(process.platform !== "linux")("pnpm prove soak", () => {
  it("in short: sessions come and go, and nothing of them is held in the end", async () => {
    await proveInShort(proveSoak)
  }, 300_000)
})

describe("growth", () => {
  const steady = Array.from({ length: 60 }, (_, minute) => ({ at: minute * 60, value: 100 + (minute % 7) }))

  it("is told in spite of what goes up and down", () => {
    const leaking = steady.map(({ at, value }) => ({ at, value: value + at / 600 }))
    expect(slopeOf(steady)).toMatchObject({ low: expect.closeTo(0, -1), high: expect.closeTo(0, -1) })
    const { perHour, low, high } = slopeOf(leaking)
    expect(perHour).toBeCloseTo(6, 0)
    expect([low < perHour, perHour < high, low > 0]).toEqual([true, true, true])
  })

  it("is not told of a single point that is far off", () => {
    const flat = steady.map(({ at }, index) => ({ at, value: index === 30 ? 1000 : 100 }))
    expect(slopeOf(flat)).toEqual({ perHour: 0, low: 0, high: 0 })
  })

  it("is looked for in the least of each span", () => {
    expect(floorsOf(steady, 6).map(({ value }) => value)).toEqual([100, 100, 100, 100, 100, 100])
  })
})
