import { type EventLog, openMemoryLog } from "@aegis/event-log"
import { beforeEach, describe, expect, it } from "vitest"
import { PageReader } from "../src/page-reader.ts"

describe("pages that readers share", () => {
  let log: EventLog
  let reads: number
  let pages: PageReader
  let now: number

  beforeEach(() => {
    log = openMemoryLog()
    reads = 0
    now = 1000
    const readEvents = (options: Parameters<typeof log.read>[0]) => {
      reads += 1
      return log.read(options) as never
    }
    pages = new PageReader({ readEvents }, { now: () => now })
  })

  const say = (count: number, data: string, stream = "a") =>
    log.append({ events: Array.from({ length: count }, () => ({ stream, event: { type: "said", data } })) })
  const all = (after: number) => pages.read({ sessionId: undefined, after, upTo: log.head() })

  it("are read once, and are the same for everybody at the same place", async () => {
    await say(3, "x")
    const first = await all(0)
    expect(first).toMatchObject({ entries: [{ seq: 1 }, { seq: 2 }, { seq: 3 }], isWhole: true })
    expect((await all(0)).entries).toBe(first.entries)
    expect((await all(1)).entries.map(({ seq }) => seq)).toEqual([2, 3])
    expect(await all(3)).toEqual({ entries: [], isWhole: true })
    expect(reads).toBe(2)
  })

  it("are read again when there is more than they had room for", async () => {
    await say(1, "x")
    await all(0)
    await say(1, "y")
    expect((await all(0)).entries.map(({ seq }) => seq)).toEqual([1, 2])
    const earlier = await pages.read({ sessionId: undefined, after: 0, upTo: 1 })
    expect(earlier.entries.map(({ seq }) => seq)).toEqual([1])
  })

  it("stay what they are when they are full", async () => {
    await say(100, "x".repeat(1000))
    const { entries, isWhole } = await all(0)
    expect(isWhole).toBe(false)
    expect(entries.length).toBeLessThan(100)
    await say(1, "y")
    expect((await all(0)).entries).toBe(entries)
    expect(reads).toBe(1)
  })

  it("are of one session or of all", async () => {
    await say(1, "x", "a")
    await say(1, "y", "b")
    const of = async (sessionId: string | undefined) => {
      const { entries } = await pages.read({ sessionId, after: 0, upTo: log.head() })
      return entries.map(({ seq }) => seq)
    }
    expect([await of("a"), await of("b"), await of(undefined)]).toEqual([[1], [2], [1, 2]])
  })

  it("are forgotten when nobody has asked for them for a while", async () => {
    await say(1, "x")
    for (let asked = 0; asked < 5; asked++) {
      await all(0)
      now += 9000
      pages.forgetOld()
    }
    expect(reads).toBe(1)
    now += 2000
    pages.forgetOld()
    await all(0)
    expect(reads).toBe(2)
  })

  it("are forgotten, those not asked for longest first", async () => {
    await say(1, "x".repeat(3_000_000), "a")
    await say(1, "y".repeat(3_000_000), "b")
    for (const sessionId of ["a", "b", "b", "a"]) await pages.read({ sessionId, after: 0, upTo: 2 })
    expect(reads).toBe(3)
  })
})
