import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import {
  defineFold,
  defineProjection,
  defineTable,
  EMPTY_HASH,
  type EventLog,
  increment,
  type LogEntry,
  type LogEvent,
  nextHash,
  type OpenLogOptions,
  openConsumer,
  openMemoryLog,
  patch,
  put,
  type RowOperation,
  remove,
  splitEnvelope,
} from "../src/index.ts"
import {
  createMemoryTiles,
  dataHashOf,
  growTree,
  leafOf,
  leavesOf,
  loadMerkleTree,
  type TileStore,
} from "../src/merkle.ts"
import { referenceRoot } from "./reference-tree.ts"

export interface TestEvent extends LogEvent {
  readonly at?: string
}

/** Opens an empty log; the suite closes it. */
export type OpenTestLog = (options?: OpenLogOptions<TestEvent>) => Promise<EventLog<TestEvent>>

const things = defineTable({
  name: "things",
  columns: { id: "text", rank: "integer?", isLive: "boolean", extra: "json", label: "text?" },
  key: ["id"],
  indexes: [["rank"], ["label", "rank"]],
})

// The events of these tests carry the operations that they lead to.
const thingsModel = defineProjection<TestEvent>({
  name: "things",
  version: 1,
  tables: [things],
  project: ({ event }) => (event.type === "thing" ? toOperations(event.data as ThingData) : []),
})

const cuttings = defineTable({ name: "cuttings", columns: { id: "text", text: "text" }, key: ["id"] })
const cuttingModel = defineProjection<TestEvent>({
  name: "cuttings",
  version: 1,
  tables: [cuttings],
  project: ({ event }) => {
    const text = String(event.data).slice(0, 9)
    return [put(cuttings, { id: text, text: "" }), patch(cuttings, { id: text }, { text })]
  },
})

type ThingData =
  | { put: { id: string; rank: number | null; isLive: boolean; extra: unknown; label: string | null } }
  | { patch: { id: string; label: string | null } }
  | { increment: { id: string; by: number } }
  | { remove: { id: string } }

const counting = defineFold<{ readonly count: number }, TestEvent>({
  name: "counting",
  version: 1,
  evolve: (state, event) => (event.type === "silent" ? state : { count: (state?.count ?? 0) + 1 }),
})

export interface DescribeEventLogOptions {
  /** Of an engine that opens slowly: the share of the runs of tests that open a log for each. */
  readonly share?: number
  /** Whether what was written is there when the place is opened again. */
  readonly keeps?: boolean
}

/** What every engine must do, whatever it stands on. A fresh place is what opens an empty log, and then the same one again. */
export function describeEventLog(
  engine: string,
  freshPlace: () => Promise<OpenTestLog>,
  { share = 1, keeps = true }: DescribeEventLogOptions = {},
) {
  const runs = (count: number) => ({ numRuns: Math.ceil(count * share) })
  const opened: EventLog<TestEvent>[] = []
  const open: OpenTestLog = async (options) => {
    const log = await (await freshPlace())(options)
    opened.push(log)
    return log
  }
  afterEach(async () => {
    for (const log of opened.splice(0)) await log.close()
  })

  describe(`a tree that follows the log (${engine})`, () => {
    const salt = "ab".repeat(16)

    it("has each event's leaf at the index seq - 1, of all streams", async () => {
      const log = await open()
      const events = ["a", "b", "a"].map((stream, index) => said(stream, index))
      await log.append({
        events,
        streams: [
          { stream: "a", salt },
          { stream: "b", salt },
        ],
      })
      const tree = await loadMerkleTree(createMemoryTiles())
      expect(await growTree(tree, log)).toBe(3)
      expect(await growTree(tree, log)).toBe(0)
      for (const { seq, json } of await log.read()) {
        const event = splitEnvelope(json)
        expect(await tree.leafAt(seq - 1)).toBe(leafOf(event.head, dataHashOf(event, salt)))
      }
    })

    it("has the right leaves of streams that begin while it looks", async () => {
      const log = await open()
      const tree = await loadMerkleTree(createMemoryTiles())
      let isOver = false
      const following = (async () => {
        while (!isOver || tree.size < log.head()) {
          await growTree(tree, log)
          await new Promise(setImmediate)
        }
      })()
      for (let stream = 0; stream < 100; stream += 1) {
        // Asked for before it is there, as who appends does.
        await log.streamHead(`s${stream}`)
        await log.append({ events: [said(`s${stream}`, stream)] })
      }
      isOver = true
      await following
      const leaves = await leavesOf(await log.read({ limit: 1000 }), log)
      expect(await Promise.all(leaves.map((_, index) => tree.leafAt(index)))).toEqual(leaves)
    })

    it("goes on after a write that failed, with no leaf left out and none twice, and has the same root in the end", async () => {
      const log = await open()
      for (const stream of ["a", "b", "a"])
        await log.append({ events: Array.from({ length: 200 }, (_, index) => said(stream, index)) })
      const kept = createMemoryTiles()
      let writes = 0
      // Every second write fails, before or after the tiles are there.
      const failing: TileStore = {
        ...kept,
        async write(tiles, head) {
          writes += 1
          if (writes % 4 === 3) await kept.write(tiles, head)
          if (writes % 2 === 1) throw new Error("No more.")
          await kept.write(tiles, head)
        },
      }
      for (let tree = await loadMerkleTree(failing); tree.size < log.head(); tree = await loadMerkleTree(failing))
        await growTree(tree, log, { limit: 70 }).catch(() => 0)
      const tree = await loadMerkleTree(kept)
      const leaves = await Promise.all(Array.from({ length: tree.size }, (_, index) => tree.leafAt(index)))
      const whole = await loadMerkleTree(createMemoryTiles())
      while ((await growTree(whole, log, { limit: 300 })) > 0);
      expect(await tree.rootAt(600)).toBe(await whole.rootAt(600))
      expect(await tree.rootAt(600)).toBe(referenceRoot(leaves))
    })
  })

  describe(`append (${engine})`, () => {
    it("numbers events densely in the order of the calls, across streams", async () => {
      const log = await open()
      const results = await Promise.all(
        ["a", "b", "a", "c"].map((stream) => log.append({ events: [said(stream, stream), said(stream, "more")] })),
      )
      expect(results.flatMap(({ entries }) => entries.map(({ seq, stream }) => `${seq}${stream}`))).toEqual([
        "1a",
        "2a",
        "3b",
        "4b",
        "5a",
        "6a",
        "7c",
        "8c",
      ])
      expect(log.head()).toBe(8)
    })

    it("refuses an append whose stream has moved on, and leaves nothing of it", async () => {
      const log = await open()
      await log.append({ events: [said("a", "one")], streams: [{ stream: "a", expectedSeq: 0 }] })
      const stale = log.append({
        events: [said("b", "x"), said("a", "two")],
        streams: [{ stream: "a", expectedSeq: 0 }],
        offsets: [{ name: "o", position: 1 }],
      })
      await expect(stale).rejects.toMatchObject({ code: "version-conflict" })
      expect(await log.streamHead("b")).toBeUndefined()
      expect(await log.offset("o")).toBeUndefined()
      expect(log.head()).toBe(1)
    })

    it("lets exactly one of many racing appends with the same expectation win, and the rest of their batch go on", async () => {
      const log = await open()
      const racing = Array.from({ length: 20 }, (_, index) =>
        log.append({ events: [said("a", index)], streams: [{ stream: "a", expectedSeq: 0 }] }),
      )
      const bystander = log.append({ events: [said("b", "fine")] })
      const settled = await Promise.allSettled(racing)
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
      expect((await bystander).entries[0]?.seq).toBe(2)
    })

    it("refuses an event that cannot be encoded without disturbing those beside it", async () => {
      const log = await open()
      const circular: Record<string, unknown> = {}
      circular.self = circular
      const before = log.append({ events: [said("a", 1)] })
      const wrong = log.append({ events: [said("a", 2), said("a", circular)] })
      const after = log.append({ events: [said("a", 3)] })
      await expect(wrong).rejects.toMatchObject({ code: "event-invalid" })
      await Promise.all([before, after])
      expect((await log.read()).map(({ event }) => event.data)).toEqual([1, 3])
    })

    it.each([
      ["its own seq", { type: "said", data: 1, seq: 7 } as TestEvent],
      ["its own hash", { type: "said", data: 1, hash: "00" } as TestEvent],
      ["a nested member named data", { type: "said", data: 1, actor: { id: "x", data: 1 } } as TestEvent],
    ])("refuses an event that brings %s", async (_what, event) => {
      const log = await open()
      await expect(log.append({ events: [{ stream: "a", event }] })).rejects.toMatchObject({ code: "event-invalid" })
    })

    it("keeps streams apart whose names differ in any character, and refuses half a character", async () => {
      const log = await open()
      const names = ["a", "a\0", "a\0b", "a\x01", "A", "", "\u{ffff}", "\u{10000}"]
      for (const name of names)
        await log.append({ events: [said(name, name)], offsets: [{ name, position: name.length }] })
      for (const name of names) {
        expect((await log.read({ stream: name })).map(({ event }) => event.data)).toEqual([name])
        expect(await log.offset(name)).toBe(name.length)
      }
      expect((await log.read()).map(({ stream }) => stream)).toEqual(names)
      const half = "a\ud800"
      for (const request of [
        { events: [said(half, 1)] },
        { events: [], offsets: [{ name: half, position: 1 }] },
        { events: [], key: { name: half, fingerprint: "f", at: 1, expiresAt: 2 } },
      ])
        await expect(log.append(request)).rejects.toMatchObject({ code: "event-invalid" })
      expect(log.head()).toBe(names.length)
    })

    it("keeps any JSON as it was, and replaces lone surrogates", async () => {
      const log = await open()
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: "binary" }), async (data, name) => {
          const { entries } = await log.append({ events: [{ stream: name, event: { type: "said", data, at: name } }] })
          const [kept] = await log.read({ after: (entries[0]?.seq ?? 0) - 1, limit: 1 })
          expect(kept?.event).toEqual(
            JSON.parse(JSON.stringify({ seq: kept?.seq, type: "said", data, at: name, hash: kept?.hash })),
          )
        }),
        { numRuns: 50 },
      )
      const { entries } = await log.append({ events: [said("a", { "key\ud800": "va\udfffl\ud800\udc00ue" })] })
      expect(entries[0]?.event.data).toEqual({ "key\ufffd": "va\ufffdl\u{10000}ue" })
      expect(entries[0]?.json).not.toContain("\\ud")
    })

    it("answers the same bytes to the writer, to a live reader and to a later one", async () => {
      const log = await open()
      const live = take(log.tail({ after: 0 }), 1)
      const { entries } = await log.append({ events: [said("a", { text: "é\u{1f600}\0" })] })
      const [tailed] = await live
      const [kept] = await log.read()
      expect(tailed?.json).toBe(entries[0]?.json)
      expect(kept?.json).toBe(entries[0]?.json)
    })
  })

  const isTheSameAgain = async () => {
    const openAgain = await freshPlace()
    const first = await openAgain()
    const key = { name: "k", fingerprint: "f\0", at: 1, expiresAt: 2 }
    await first.append({
      events: [said("a", { text: "ü\0" }), said("b", 2)],
      offsets: [{ name: "o", position: Number.MAX_SAFE_INTEGER }],
      key,
      fence: { name: "lease", position: 2 },
    })
    const before = (await first.read()).map(({ json }) => json)
    await first.close()
    const second = await openAgain()
    opened.push(second)
    await second.append({ events: [said("a", 3)] })
    expect((await second.read()).map(({ json }) => json).slice(0, 2)).toEqual(before)
    expect(second.head()).toBe(3)
    expect(await second.offset("o")).toBe(Number.MAX_SAFE_INTEGER)
    expect(await second.key("k", 1)).toMatchObject({ fingerprint: "f\0" })
    await expect(second.append({ events: [], key })).rejects.toMatchObject({ code: "key-used" })
    const late = second.append({ events: [], fence: { name: "lease", position: 1 } })
    await expect(late).rejects.toMatchObject({ code: "fenced" })
    await expectVerified(second, "a")
  }
  if (keeps) it(`is the same after it was opened again (${engine})`, isTheSameAgain)

  describe(`keys (${engine})`, () => {
    const key = { name: "k", fingerprint: "f", at: 1000, expiresAt: 2000 }

    it("are taken with what they stand for, once", async () => {
      const log = await open()
      await log.append({ events: [said("a", 0)] })
      await log.append({ events: [said("a", 1), said("b", 2)], key })
      expect(await log.key("k", 1999)).toEqual({ fingerprint: "f", seq: 2, count: 2, expiresAt: 2000 })
      await expect(
        log.append({
          events: [said("c", 3)],
          offsets: [{ name: "o", position: 1 }],
          key: { ...key, fingerprint: "g" },
        }),
      ).rejects.toMatchObject({ code: "key-used" })
      expect([log.head(), await log.streamHead("c"), await log.offset("o")]).toEqual([3, undefined, undefined])
      expect(await log.key("other", 1000)).toBeUndefined()
    })

    it("let one of many at the same moment through", async () => {
      const log = await open()
      const racing = Array.from({ length: 20 }, (_, index) => log.append({ events: [said("a", index)], key }))
      const bystander = log.append({ events: [said("b", "fine")] })
      expect((await Promise.allSettled(racing)).filter(({ status }) => status === "fulfilled")).toHaveLength(1)
      expect((await bystander).entries[0]?.seq).toBe(2)
    })

    it("are not taken by an append that is refused, and may stand for nothing", async () => {
      const log = await open()
      await log.append({ events: [said("a", 0)] })
      const stale = log.append({ events: [said("a", 1)], streams: [{ stream: "a", expectedSeq: 0 }], key })
      await expect(stale).rejects.toMatchObject({ code: "version-conflict" })
      await log.append({ events: [], key })
      expect(await log.key("k", 1000)).toMatchObject({ count: 0 })
    })

    it("are free again when they have expired", async () => {
      const log = await open()
      await log.append({ events: [said("a", 0)], key })
      expect(await log.key("k", 2000)).toBeUndefined()
      await log.append({ events: [said("a", 1)], key: { ...key, at: 2000, expiresAt: 3000 } })
      expect(await log.key("k", 2000)).toMatchObject({ seq: 2, count: 1 })
      await log.append({ events: [], key: { name: "l", fingerprint: "f", at: 3000, expiresAt: 4000 } })
      expect([await log.key("k", 0), await log.key("l", 3999)]).toMatchObject([undefined, { count: 0 }])
    })
  })

  describe(`fences (${engine})`, () => {
    const holding = (position: number) => ({ name: "lease", position })

    it("let nobody write who holds less than an earlier one did", async () => {
      const log = await open()
      await log.append({ events: [said("a", "first")], fence: holding(1) })
      await log.append({ events: [said("a", "first again")], fence: holding(1) })
      await log.append({ events: [], fence: holding(2) })
      const late = log.append({
        events: [said("a", "late")],
        offsets: [{ name: "o", position: 1 }],
        key: { name: "k", fingerprint: "f", at: 1, expiresAt: 2 },
        fence: holding(1),
      })
      await expect(late).rejects.toMatchObject({ code: "fenced" })
      expect([await log.offset("o"), await log.key("k", 1), await log.offset("lease")]).toEqual([
        undefined,
        undefined,
        2,
      ])
      await log.append({ events: [said("a", "second")], fence: holding(2) })
      await log.append({ events: [said("a", "of another")], fence: { name: "other", position: 1 } })
      expect((await log.read()).map(({ event }) => event.data)).toEqual([
        "first",
        "first again",
        "second",
        "of another",
      ])
    })

    it("part those that wait for the disk together, in the order of their calls", async () => {
      const log = await open()
      const appends = [1, 3, 2, 3].map((position, index) =>
        log.append({ events: [said("a", index)], fence: holding(position) }),
      )
      const settled = await Promise.allSettled(appends)
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"])
      expect((await log.read()).map(({ event }) => event.data)).toEqual([0, 1, 3])
    })

    it("are not passed by an append that is refused", async () => {
      const log = await open()
      const stale = { events: [said("a", 1)], streams: [{ stream: "a", expectedSeq: 7 }], fence: holding(5) }
      await expect(log.append(stale)).rejects.toMatchObject({ code: "version-conflict" })
      const unfit = log.append({ events: [said("a", 1)], fence: holding(1.5) })
      await expect(unfit).rejects.toMatchObject({ code: "event-invalid" })
      expect(await log.offset("lease")).toBeUndefined()
      await log.append({ events: [said("a", 1)], fence: holding(1) })
    })
  })

  describe(`rolling hash (${engine})`, () => {
    it("lets a reader who has everything arrive at the stream's head, whatever was appended", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.jsonValue()), { minLength: 1, maxLength: 30 }),
          async (events) => {
            const log = await open()
            await Promise.all(events.map(([stream, data]) => log.append({ events: [said(stream, data)] })))
            for (const stream of new Set(events.map(([name]) => name))) await expectVerified(log, stream)
            await log.close()
          },
        ),
        runs(15),
      )
    })

    it("takes a salt of the caller's for a new stream, once", async () => {
      const log = await open()
      const salt = "00112233445566778899aabbccddeeff"
      await log.append({ events: [said("a", 1)], streams: [{ stream: "a", salt }] })
      await log.append({ events: [said("a", 2)], streams: [{ stream: "a", salt: "f".repeat(32) }] })
      expect((await log.streamHead("a"))?.salt).toBe(salt)
      await expectVerified(log, "a")
      await expect(log.append({ events: [], streams: [{ stream: "b", salt: "short" }] })).rejects.toMatchObject({
        code: "event-invalid",
      })
    })
  })

  describe(`read and tail (${engine})`, () => {
    it("pages forward and backward, by stream and by type", async () => {
      const log = await open()
      for (let index = 1; index <= 9; index++)
        await log.append({
          events: [{ stream: index % 2 ? "odd" : "even", event: { type: index % 3 ? "x" : "third", data: index } }],
        })
      const seqs = async (options: Parameters<typeof log.read>[0]) => (await log.read(options)).map(({ seq }) => seq)
      expect(await seqs({ stream: "odd" })).toEqual([1, 3, 5, 7, 9])
      expect(await seqs({ stream: "odd", after: 3, limit: 2 })).toEqual([5, 7])
      expect(await seqs({ before: 4, direction: "backward", limit: 2 })).toEqual([3, 2])
      expect(await seqs({ types: ["third"] })).toEqual([3, 6, 9])
      expect(await seqs({ before: 0 })).toEqual([])
      expect(await seqs({ stream: "nobody" })).toEqual([])
      await expect(log.read({ limit: 0 })).rejects.toMatchObject({ code: "event-invalid" })
    })

    it("ends a page with the event that fills it, and misses nothing of what is large", async () => {
      const log = await open()
      const large = "x".repeat(400_000)
      for (let index = 1; index <= 9; index++) await log.append({ events: [said("a", large)] })
      const seqs = async (options: Parameters<typeof log.read>[0]) => (await log.read(options)).map(({ seq }) => seq)
      expect(await seqs({ maxCharacters: 500_000 })).toEqual([1, 2])
      expect(await seqs({ after: 2, maxCharacters: 1 })).toEqual([3])
      expect(await seqs({ after: 8, maxCharacters: 500_000 })).toEqual([9])
      const tailed: number[] = []
      for await (const page of log.tail({ after: 0 })) {
        tailed.push(...page.map(({ seq }) => seq))
        if (tailed.length >= 9) break
      }
      expect(tailed).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    })

    it("gives a reader that starts anywhere, at any moment, exactly what follows", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 40 }),
          fc.nat(40),
          fc.nat(40),
          async (streams, split, start) => {
            const log = await open()
            const after = Math.min(start, split, streams.length)
            for (const stream of streams.slice(0, split)) await log.append({ events: [said(stream, "early")] })
            const expected = streams.flatMap((stream, index) =>
              index + 1 > after && stream === "a" ? [index + 1] : [],
            )
            const whole = take(log.tail({ after }), streams.length - after)
            const one = take(log.tail({ after, stream: "a" }), expected.length)
            await Promise.all(streams.slice(split).map((stream) => log.append({ events: [said(stream, "late")] })))
            expect((await whole).map(({ seq }) => seq)).toEqual(
              Array.from({ length: streams.length - after }, (_, index) => after + index + 1),
            )
            expect((await one).map(({ seq }) => seq)).toEqual(expected)
            await log.close()
          },
        ),
        runs(25),
      )
    })

    it("serves a reader far behind from storage and one at the head from memory, without gap or repeat", async () => {
      const log = await open()
      const total = 6000
      const readers = [take(log.tail({ after: 0 }), total), take(log.tail({ after: 0, stream: "s3" }), total / 10)]
      for (let index = 0; index < total; index += 500)
        await log.append({ events: Array.from({ length: 500 }, (_, offset) => said(`s${(index + offset) % 10}`, "x")) })
      readers.push(take(log.tail({ after: 0 }), total))
      const [live, one, late] = await Promise.all(readers)
      expect(live?.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1))
      expect(late?.at(-1)?.seq).toBe(total)
      expect(one?.every(({ stream }) => stream === "s3")).toBe(true)
    })

    it("refuses a cursor beyond the head", async () => {
      const log = await open()
      await expect(log.tail({ after: 1 }).next()).rejects.toMatchObject({ code: "cursor-ahead" })
    })

    it("ends a waiting reader when its signal says so, and when the log closes", async () => {
      const log = await open()
      const abort = new AbortController()
      const aborted = log.tail({ after: 0, signal: abort.signal }).next()
      const left = log.tail({ after: 0 }).next()
      abort.abort()
      expect(await aborted).toEqual({ done: true, value: undefined })
      await log.close()
      expect(await left).toEqual({ done: true, value: undefined })
      await expect(log.append({ events: [said("a", 1)] })).rejects.toMatchObject({ code: "log-closed" })
    })

    it("finishes what was accepted before it closes", async () => {
      const log = await open()
      const appends = Array.from({ length: 50 }, (_, index) => log.append({ events: [said("a", index)] }))
      await log.close()
      const results = await Promise.all(appends)
      expect(results.at(-1)?.entries[0]?.seq).toBe(50)
    })
  })

  describe(`consumers (${engine})`, () => {
    it("go on from what they committed, and see the rest again", async () => {
      const log = await open()
      await log.append({ events: [1, 2, 3, 4].map((data) => said("a", data)) })
      const first = await openConsumer(log, "mailer", { from: "start" })
      const seen = await take(first.pages(), 4)
      await first.commit(seen[1]?.seq ?? 0)
      const second = await openConsumer(log, "mailer", { from: "head" })
      expect((await take(second.pages(), 2)).map(({ seq }) => seq)).toEqual([3, 4])
    })

    it("start at the head where asked, and keep that place even before their first commit", async () => {
      const log = await open()
      await log.append({ events: [said("a", "old")] })
      await openConsumer(log, "late", { from: "head" })
      await log.append({ events: [said("a", "new")] })
      const again = await openConsumer(log, "late", { from: "start" })
      expect((await take(again.pages(), 1))[0]?.event.data).toBe("new")
    })

    it("commit their place together with their own events, or not at all", async () => {
      const log = await open()
      await log.append({ events: [said("a", 1)], offsets: [{ name: "relay", position: 17 }] })
      const conflict = log.append({
        events: [said("a", 2)],
        streams: [{ stream: "a", expectedSeq: 0 }],
        offsets: [{ name: "relay", position: 18 }],
      })
      await expect(conflict).rejects.toMatchObject({ code: "version-conflict" })
      expect(await log.offset("relay")).toBe(17)
      await expect(log.append({ events: [], offsets: [{ name: "relay", position: 0.5 }] })).rejects.toMatchObject({
        code: "event-invalid",
      })
    })
  })

  describe(`read models (${engine})`, () => {
    it("mean the same as in memory: any operations, any query", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(thingData, { maxLength: 30 }),
          fc.array(thingQuery, { minLength: 1, maxLength: 5 }),
          async (changes, queries) => {
            const log = await open({ models: [thingsModel] })
            const reference = openMemoryLog<TestEvent>({ models: [thingsModel] })
            for (const data of changes)
              await Promise.all([log, reference].map((one) => one.append({ events: [thing(data)] })))
            for (const query of queries)
              expect(await log.rows(things, query)).toEqual(await reference.rows(things, query))
            await log.close()
          },
        ),
        runs(60),
      )
    })

    it("answers filters, order and limits as declared", async () => {
      const log = await open({ models: [thingsModel] })
      const rows = [
        row("a", 3, "x/1"),
        row("b", null, "x/2"),
        row("c", 1, null),
        row("d", 2, "y\u{10ffff}"),
        row("e", 2, "y\u{10ffff}z"),
      ]
      await log.append({ events: rows.map((put) => thing({ put })) })
      const ids = async (query: Parameters<typeof log.rows<typeof things>>[1]) =>
        (await log.rows(things, query)).map(({ id }) => id).join("")
      expect(await ids({ order: [["rank", "asc"]] })).toBe("bcdea")
      expect(await ids({ order: [["rank", "desc"]] })).toBe("adecb")
      expect(await ids({ where: { label: { prefix: "x/" } } })).toBe("ab")
      expect(await ids({ where: { label: { prefix: "y\u{10ffff}" } } })).toBe("de")
      expect(await ids({ where: { rank: { gt: 1, lte: 3 } } })).toBe("ade")
      expect(await ids({ where: { rank: null } })).toBe("b")
      expect(await ids({ where: { rank: { in: [null, 1] } } })).toBe("bc")
      expect(await ids({ where: { rank: { in: [] } } })).toBe("")
      expect(await ids({ where: { isLive: true }, limit: 2 })).toBe("ab")
    })

    it("keep texts with NUL, order them where they belong, and find them", async () => {
      const log = await open({ models: [thingsModel] })
      const labels = ["x", "x\0", "x\0y", "x\x01", "x\x01\x01", "x\x02", "xa"]
      const rows = labels.map((label, index) => row(String.fromCharCode(97 + index), index, label))
      await log.append({ events: rows.toReversed().map((put) => thing({ put })) })
      const found = async (query: Parameters<typeof log.rows<typeof things>>[1]) =>
        (await log.rows(things, query)).map(({ label }) => label)
      expect(await found({ order: [["label", "asc"]] })).toEqual(labels)
      expect(await found({ where: { label: "x\0" } })).toEqual(["x\0"])
      expect(await found({ where: { label: { prefix: "x\0" } } })).toEqual(["x\0", "x\0y"])
      expect(await found({ where: { label: { prefix: "x\x01" } } })).toEqual(["x\x01", "x\x01\x01"])
      expect(await found({ where: { label: { gt: "x\0", lt: "x\x02" } } })).toEqual(["x\0y", "x\x01", "x\x01\x01"])
      expect(await found({ where: { label: { in: ["x\0y", "xa", null] } } })).toEqual(["x\0y", "xa"])
    })

    it("put U+FFFD where a text was cut in the middle of a character", async () => {
      const log = await open({ models: [cuttingModel] })
      await log.append({ events: [said("a", "12345678\u{1f600}")] })
      expect(await log.rows(cuttings)).toEqual([{ id: "12345678\ufffd", text: "12345678\ufffd" }])
    })

    it("are there as soon as the append is answered", async () => {
      const log = await open({ models: [thingsModel, counting] })
      await log.append({ events: [thing({ put: row("a", 1, null) }), thing({ increment: { id: "a", by: 2 } })] })
      expect((await log.rows(things))[0]?.rank).toBe(3)
      const { state, head } = await log.fold(counting, "things")
      expect(state).toEqual({ count: 2 })
      expect(head?.seq).toBe(2)
    })

    it("cost a wrong row its own append and no other", async () => {
      const log = await open({ models: [thingsModel] })
      const wrong = log.append({
        events: [thing({ put: { ...row("a", 1, null), rank: "first" as unknown as number } })],
      })
      const right = log.append({ events: [thing({ put: row("b", 1, null) })] })
      await expect(wrong).rejects.toMatchObject({ code: "model-invalid" })
      await right
      expect((await log.rows(things)).map(({ id }) => id)).toEqual(["b"])
    })

    it("fold each stream by itself; an unchanged state is not lost", async () => {
      const log = await open({ models: [counting] })
      await log.append({
        events: [said("a", 1), said("b", 1), said("a", 2), { stream: "a", event: { type: "silent", data: 0 } }],
      })
      const { state, head } = await log.fold(counting, "a")
      expect(state).toEqual({ count: 2 })
      expect(head?.seq).toBe(4)
      expect(await log.fold(counting, "nobody")).toEqual({ state: undefined, head: undefined })
    })

    it.each([
      ["a name that no engine could keep", { ...things, name: "things; DROP" }],
      ["an index on a column that is not there", { ...things, indexes: [["nothing"]] }],
      ["a nullable key", { ...things, key: ["label"] }],
    ])("refuse %s", async (_what, table) => {
      const model = defineProjection<TestEvent>({
        name: "bad",
        version: 1,
        tables: [table],
        project: () => [],
      })
      await expect((async () => open({ models: [model] }))()).rejects.toMatchObject({ code: "model-invalid" })
    })
  })
}

export function said(stream: string, data: unknown) {
  return { stream, event: { type: "said", data } }
}

/** The first `count` entries of a tail, which is then left. */
export async function take(pages: AsyncIterable<readonly LogEntry<TestEvent>[]>, count: number) {
  const taken: LogEntry<TestEvent>[] = []
  if (count === 0) return taken
  for await (const page of pages) {
    taken.push(...page)
    if (taken.length >= count) break
  }
  expect(taken).toHaveLength(count)
  return taken
}

/** Recomputes a stream's hashes from its texts alone. */
export async function expectVerified(log: EventLog<TestEvent>, stream: string) {
  const head = await log.streamHead(stream)
  let hash = EMPTY_HASH
  for (const { json } of await log.read({ stream, limit: 1000 })) {
    const event = splitEnvelope(json)
    hash = nextHash(hash, event, head?.salt ?? "")
    expect(event.hash).toBe(hash)
  }
  expect(hash).toBe(head?.hash)
}

function thing(data: ThingData) {
  return { stream: "things", event: { type: "thing", data } }
}

function row(id: string, rank: number | null, label: string | null) {
  return { id, rank, isLive: true, extra: { nested: [id] }, label }
}

function toOperations(data: ThingData): RowOperation[] {
  if ("put" in data) return [put(things, data.put)]
  if ("patch" in data) return [patch(things, { id: data.patch.id }, { label: data.patch.label })]
  if ("increment" in data) return [increment(things, { id: data.increment.id }, { rank: data.increment.by })]
  return [remove(things, { id: data.remove.id })]
}

const id = fc.constantFrom("a", "b", "c", "d")
// What engines keep in ways of their own: beyond ASCII, beyond 16 bits, the control characters, letters in two cases.
const label = fc.oneof(
  fc.constantFrom("x", "xy", "X", "\u{ffff}", "\u{10000}", "\ud7ff", "é"),
  fc.string({ maxLength: 3 }),
  fc.string({ unit: fc.constantFrom("\0", "\x01", "\x02", "x"), maxLength: 4 }),
)
const rank = fc.option(fc.integer({ min: -3, max: 3 }))
const thingData: fc.Arbitrary<ThingData> = fc.oneof(
  fc.record({
    put: fc.record({
      id,
      rank,
      isLive: fc.boolean(),
      extra: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      label: fc.option(label),
    }),
  }),
  fc.record({ patch: fc.record({ id, label: fc.option(label) }) }),
  fc.record({ increment: fc.record({ id, by: fc.integer({ min: -2, max: 2 }) }) }),
  fc.record({ remove: fc.record({ id }) }),
)
const thingQuery = fc.record(
  {
    where: fc.record(
      {
        rank: fc.oneof(
          rank,
          fc.record({ in: fc.array(rank, { maxLength: 3 }) }),
          fc.record({ gte: fc.integer({ min: -3, max: 3 }) }),
          fc.record({ lt: fc.integer({ min: -3, max: 3 }) }),
        ),
        label: fc.oneof(fc.option(label), fc.record({ prefix: label }), fc.record({ gt: label, lte: label })),
        isLive: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    order: fc.uniqueArray(fc.tuple(fc.constantFrom("rank", "label", "isLive"), fc.constantFrom("asc", "desc")), {
      maxLength: 2,
      selector: ([column]) => column,
    }),
    limit: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<NonNullable<Parameters<EventLog<TestEvent>["rows"]>[1]>>
