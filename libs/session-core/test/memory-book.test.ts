import { openMemoryLog } from "@aegis/event-log"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AegisParts } from "../src/aegis-parts.ts"
import { CommandExecutor } from "../src/command-executor.ts"
import { decideMemory, type SetMemory } from "../src/decide-memory.ts"
import type { AegisEvent } from "../src/events.ts"
import { type Caller, SessionError, sessionModels } from "../src/index.ts"
import { MemoryBook } from "../src/memory-book.ts"
import type { MemoryEvent } from "../src/memory-rows.ts"
import { evolveMemory, type MemorySpaces } from "../src/memory-space.ts"
import { PolicyReader } from "../src/policy-reader.ts"
import { useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

const caller: Caller = { actor: { kind: "key", id: "k", via: "test" }, owner: { userId: "ada", tenantId: "t" } }
const space = { tenantId: "t" }

/** A book on a log in memory, and its clock. */
function openBook() {
  const log = openMemoryLog<AegisEvent>({ models: sessionModels })
  const clock = { ms: Date.parse("2026-01-01T00:00:00.000Z") }
  const parts = {
    log,
    now: () => new Date(clock.ms),
    newSalt: () => "00".repeat(16),
    budgetsOf: () => undefined,
    settings: { fullDiskRetryMs: 1000 } as AegisParts["settings"],
  }
  return { book: new MemoryBook(parts, new CommandExecutor(parts, new PolicyReader(log))), clock, log }
}

const codeOf = (error: { readonly code?: string }) => error.code ?? String(error)

describe("a memory", () => {
  it("is what a map with versions and ends would be, whatever is done to it", async () => {
    const key = fc.constantFrom("a/1", "a/2", "a/\u{1F600}", "b/1", "b/1/x", "ab/1")
    const step = fc.oneof(
      fc.record({
        type: fc.constant("set" as const),
        key,
        value: fc.string(),
        ttl: fc.option(fc.integer({ min: 1, max: 5 })),
        isRight: fc.option(fc.boolean()),
      }),
      fc.record({ type: fc.constant("delete" as const), key, isRight: fc.option(fc.boolean()) }),
      fc.record({ type: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 4 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { book, clock, log } = openBook()
        const model = new Map<string, { value: string; version: number; until: number }>()
        let version = 0
        const living = (name: string) => {
          const kept = model.get(name)
          return kept && kept.until > clock.ms ? kept : undefined
        }
        for (const next of steps) {
          if (next.type === "wait") {
            clock.ms += next.seconds * 1000
            continue
          }
          const present = living(next.key)
          const ifVersion = next.isRight === null ? undefined : next.isRight ? (present?.version ?? 0) : 999
          const options = { key: next.key, ifVersion }
          if (next.type === "set") {
            const ttlSeconds = next.ttl ?? undefined
            const set = book.set(caller, space, { ...options, value: next.value, ttlSeconds }).catch(codeOf)
            if (next.isRight === false) expect(await set).toBe("version-mismatch")
            else {
              version += 1
              expect(await set).toMatchObject({ value: next.value, version })
              const until = ttlSeconds === undefined ? Number.POSITIVE_INFINITY : clock.ms + ttlSeconds * 1000
              model.set(next.key, { value: next.value, version, until })
            }
          } else {
            const gone = await book.delete(caller, space, options).catch(codeOf)
            expect(gone).toBe(next.isRight === false ? "version-mismatch" : present ? undefined : "memory-not-found")
            if (gone === undefined) model.delete(next.key)
          }
        }
        for (const prefix of ["", "a", "a/", "b/1", "c"]) {
          const wanted = [...model.keys()].filter((name) => name.startsWith(prefix) && living(name))
          const names: string[] = []
          for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
            const page = await book.list(space, { prefix, after, limit: 2 })
            names.push(...page.entries.map((entry) => entry.key))
            after = page.next
          }
          expect(names).toEqual(wanted.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))))
        }
        for (const name of model.keys()) {
          const found = await book.get(space, name).catch(codeOf)
          const kept = living(name)
          if (kept) expect(found).toMatchObject({ value: kept.value, version: kept.version })
          else expect(found).toBe("memory-not-found")
        }
        await log.close()
      }),
      { numRuns: 60 },
    )
  })

  it("whose time is over makes room with the next write, and the log says so", async () => {
    const { book, clock, log } = openBook()
    await book.set(caller, space, { key: "a/1", value: "x", ttlSeconds: 10 })
    clock.ms += 10_000
    expect(await book.get(space, "a/1").catch(codeOf)).toBe("memory-not-found")
    await book.set(caller, space, { key: "a/2", value: "y" })
    const told = (await log.read({ limit: 10 })).map(({ event }) => [event.type, event.data])
    expect(told.slice(1)).toMatchObject([
      ["memory.set", { key: "a/1", version: 1, expiresAt: "2026-01-01T00:00:10.000Z" }],
      ["memory.deleted", { key: "a/1", version: 1, reason: "expired" }],
      ["memory.set", { key: "a/2", version: 2 }],
    ])
    await log.close()
  })

  it("whose time is over is written over like any other", async () => {
    const { book, clock, log } = openBook()
    await book.set(caller, space, { key: "a/1", value: "x", ttlSeconds: 10 })
    clock.ms += 10_000
    await book.set(caller, space, { key: "a/1", value: "y", ifVersion: 0 })
    const told = (await log.read({ limit: 10 })).map(({ event }) => [event.type, event.data])
    expect(told.slice(2)).toEqual([["memory.set", { ...space, key: "a/1", value: "y", version: 2, previous: 1 }]])
    await log.close()
  })

  it("has pages that end with their prefix", async () => {
    const { book, log } = openBook()
    for (const key of ["a/1", "a/2", "a/3", "ab/1", "b/1"]) await book.set(caller, space, { key, value: "x" })
    const { entries, next } = await book.list(space, { prefix: "a/", after: "a/2", limit: 5 })
    expect([entries.map(({ key }) => key), next]).toEqual([["a/3"], undefined])
    await log.close()
  })

  it("has room for 10,000 keys, and more when some are gone", () => {
    const event = { at: "2026-01-01T00:00:00.000Z", actor: caller.actor }
    let spaces: MemorySpaces = {}
    const set = (key: string, more: Partial<SetMemory> = {}) =>
      decideMemory(spaces, {
        type: "set-memory",
        space,
        key,
        value: "x",
        present: undefined,
        expired: [],
        at: event.at,
        ...more,
      })
    const play = (changes: ReturnType<typeof set>) => {
      if (SessionError.is(changes)) return changes.code
      for (const change of changes) spaces = evolveMemory(spaces, { ...event, ...change } as MemoryEvent)
      return changes.map(({ type }) => type)
    }
    for (let index = 0; index < 10_000; index += 1) play(set(`a/${index}`))
    expect(play(set("b/1"))).toBe("too-much-memory")
    expect(play(set("a/1", { present: { key: "a/1", version: 2 } }))).toEqual(["memory.set"])
    expect(play(set("b/1"))).toBe("too-much-memory")
    expect(play(set("b/1", { expired: [{ key: "a/2", version: 3 }] }))).toEqual(["memory.deleted", "memory.set"])
    expect(play(set("b/2"))).toBe("too-much-memory")
    const gone = {
      type: "delete-memory",
      space,
      key: "a/3",
      present: { key: "a/3", version: 4 },
      at: event.at,
    } as const
    expect(play(decideMemory(spaces, gone))).toEqual(["memory.deleted"])
    expect(play(set("b/2"))).toEqual(["memory.set"])
  })

  it("is another one for each tenant, and for each user where users share nothing", async () => {
    const { book, log } = openBook()
    const others = [space, { tenantId: "t", userId: "ada" }, { tenantId: "t", userId: "bo" }, { tenantId: "u" }]
    for (const [index, other] of others.entries())
      await book.set(caller, other, { key: "a/1", value: `of ${index}`, ifVersion: 0 })
    for (const [index, other] of others.entries())
      expect((await book.list(other, { limit: 10 })).entries).toMatchObject([{ value: `of ${index}`, version: 1 }])
    await log.close()
  })

  it("ends a page where its values have become too long, and loses none", async () => {
    const { book, log } = openBook()
    const keys = Array.from({ length: 25 }, (_, index) => `a/${String(index).padStart(2, "0")}`)
    for (const key of keys) await book.set(caller, space, { key, value: "x".repeat(100 * 1024) })
    const first = await book.list(space, { limit: 200 })
    expect(first.entries).toHaveLength(10)
    const second = await book.list(space, { limit: 200, after: first.next })
    const third = await book.list(space, { limit: 200, after: second.next })
    expect([...first.entries, ...second.entries, ...third.entries].map(({ key }) => key)).toEqual(keys)
    expect(third.next).toBeUndefined()
    await log.close()
  })

  it.each(["", "a", "/a", "a/", "a//b", "a/ b", "a/\n", "a/\u202e", "a/..", "./a", "a/../b", `a/${"x".repeat(255)}`])(
    "has no key %j",
    async (key) => {
      const { book, log } = openBook()
      expect(await book.set(caller, space, { key, value: "x" }).catch(codeOf)).toBe("memory-key-invalid")
      await log.close()
    },
  )

  it.each(["a/b", "a/b/c", "projékt/über", "a/...", "a/.b", `a/${"x".repeat(254)}`])("has a key %j", async (key) => {
    const { book, log } = openBook()
    await book.set(caller, space, { key, value: "x" })
    expect((await book.get(space, key)).value).toBe("x")
    await log.close()
  })
})

describe("of many who write at once over the same version", () => {
  it("one writes, the others hear of it, and it is there after a restart", async () => {
    const stateDir = temporary("state")
    const aegis = await open({ stateDir })
    await aegis.memory.set(caller, space, { key: "a/counter", value: "0" })
    const tried = Array.from({ length: 20 }, (_, index) =>
      aegis.memory.set(caller, space, { key: "a/counter", value: `${index}`, ifVersion: 1 }).catch(codeOf),
    )
    const results = await Promise.all(tried)
    const [won, ...more] = results.filter((result) => typeof result !== "string")
    expect([won?.version, more, results.filter((result) => result === "version-mismatch").length]).toEqual([2, [], 19])
    await aegis.close()
    const again = await open({ stateDir })
    expect(await again.memory.get(space, "a/counter")).toEqual(won)
  })

  it("with one Idempotency-Key it happens once, and is told as it happened", async () => {
    const aegis = await open()
    const once = { ...caller, idempotency: { key: "once", fingerprint: "a" } }
    const first = await aegis.memory.set(once, space, { key: "a/1", value: "x" })
    await aegis.memory.set(caller, space, { key: "a/1", value: "y" })
    expect(await aegis.memory.set(once, space, { key: "a/1", value: "x" })).toEqual(first)
    expect((await aegis.memory.get(space, "a/1")).value).toBe("y")
  })
})
