import { openMemoryLog } from "@aegis/event-log"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AegisEvent, SessionEvent } from "../src/events.ts"
import { sessionModels } from "../src/index.ts"
import { MetricsBook } from "../src/metrics-book.ts"
import { percentilesOf } from "../src/percentiles.ts"
import {
  anyMove,
  PlayedSession,
  permission,
  ready,
  request,
  said,
  started,
  usage,
  withFreshIds,
} from "./session-moves.ts"

/** A session's events in a log of their own, under a name, of a tenant. */
interface Played {
  readonly events: readonly SessionEvent[]
  readonly sessionId: string
  readonly tenantId?: string
}

async function bookOf(...sessions: readonly Played[]) {
  const log = openMemoryLog<AegisEvent>({ models: sessionModels })
  for (const { events, sessionId, tenantId = "home" } of sessions)
    for (const event of events) {
      // Ids of approvals are given once in all sessions.
      const unique = JSON.stringify(event).replaceAll('"approval-', `"${sessionId}-approval-`)
      const named = { ...(JSON.parse(unique) as SessionEvent), sessionId }
      const owned = named.type === "session.created" ? { owner: { userId: "ada", tenantId } } : {}
      await log.append({
        events: [{ stream: sessionId, event: { ...named, data: { ...named.data, ...owned } } as AegisEvent }],
      })
    }
  return new MetricsBook({ log })
}

/** A running session, one second after the other: its first prompt waits for five of them. */
function running() {
  const session = new PlayedSession()
  session.play(started("run-1"))
  session.say(ready)
  session.play({ type: "pause", reason: "test" })
  session.play({ ...request("t1"), key: "key-1" } as never)
  session.skip(3)
  session.play({ type: "resume", reason: "test" })
  session.play({ type: "start-turn", turnId: "t1" })
  return session
}

const ended = { type: "turn.ended" as const, turnId: "t1", stopReason: "end_turn" }

describe("the times of a session", () => {
  it("are the queue's, the first output's, the calls', the turns' and the persons', each without the others", async () => {
    const session = running()
    session.skip(2)
    session.say(said("Well."))
    session.say({ type: "tool.started", toolCallId: "tool-1", name: "Write", kind: "edit" })
    session.say(permission(1))
    session.skip(59)
    session.play({ type: "vote", approvalId: "approval-1", choice: "approve", voter: "ada" })
    session.skip(6)
    session.say({
      type: "tool.updated",
      toolCallId: "tool-1",
      status: "completed",
      locations: [{ path: "/projects/demo/a.txt" }],
    })
    session.say(usage(0.25))
    session.say({ ...ended, usage: { totalTokens: 30, inputTokens: 10, outputTokens: 20 } })
    const book = await bookOf({ events: session.events, sessionId: "s" })
    const one = (ms: number) => ({ count: 1, p50: ms, p90: ms, p99: ms, max: ms })
    expect(await book.latency("s")).toEqual({
      queue: one(5000),
      firstOutput: one(3000),
      turn: one(74_000),
      tool: one(7000),
      approval: one(60_000),
    })
    expect(await book.sessionTools("s")).toEqual([
      { name: "Write", kind: "edit", calls: 1, failed: 0, asked: 0, approved: 0, rejected: 0, duration: one(7000) },
      expect.objectContaining({ name: "edit", calls: 0, asked: 1, approved: 1, rejected: 0, duration: { count: 0 } }),
    ])
    expect(await book.changedFiles("s", 10)).toEqual(["/projects/demo/a.txt"])
    expect((await book.turns("s", { limit: 10 })).turns).toMatchObject([
      { turnId: "t1", keyId: "key-1", stopReason: "end_turn", error: null, cost: 250_000, totalTokens: 30 },
    ])
  })

  it("are not a person's where a rule has decided, and there is none of a prompt that never began", async () => {
    const session = running()
    session.play(request("t2"))
    session.say(permission(1, "deny"))
    session.play({ type: "kill", reason: "test" })
    const { approval, turn, queue } = await (await bookOf({ events: session.events, sessionId: "s" })).latency("s")
    expect([approval.count, turn.count, queue.count]).toEqual([0, 1, 2])
  })

  it("are by the nearest rank", () => {
    const times = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(percentilesOf([...times, null])).toEqual({ count: 200, p50: 100, p90: 180, p99: 198, max: 200 })
    expect(percentilesOf([null])).toEqual({ count: 0 })
  })
})

describe("the numbers of sessions", () => {
  it("are what their events say, whatever happens in them, and are added up by group", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { maxLength: 60 }), fc.array(anyMove, { maxLength: 30 }), async (one, two) => {
        const sessions = [play(one), play(two), play(one)]
        const [a, b, stranger] = sessions.map(({ events }) => events)
        const book = await bookOf(
          { events: a ?? [], sessionId: "a" },
          { events: b ?? [], sessionId: "b" },
          { events: stranger ?? [], sessionId: "c", tenantId: "other" },
        )
        const expected = [a, b].map((events) => counted(events ?? []))
        expect(await book.counters("a")).toMatchObject(expected[0] ?? {})
        expect(await book.counters("b")).toMatchObject(expected[1] ?? {})
        const total = sum(expected)
        const owner = { tenantId: "home" }
        expect(await book.totals(owner)).toMatchObject({ sessions: 2, byAgent: { demo: 2 }, ...total })
        const range = { owner, from: "1970-01-01T00:00:00.000Z", to: "1971-01-01T00:00:00.000Z" }
        for (const by of ["day", "agent", "model", "key", { label: "team" }] as const) {
          const groups = await book.analyseTurns({ ...range, by })
          const { turns, failedTurns, cost } = sum(groups.map(({ group: _, ...numbers }) => numbers))
          expect([turns ?? 0, failedTurns ?? 0]).toEqual([total.turns, total.failedTurns])
          // What was told after a turn's end counts with the next one.
          expect(cost ?? 0).toBeLessThanOrEqual(total.cost ?? 0)
          if (by === "agent" || by === "day") continue
          const hits = await book.analyseRateLimits({ ...range, by })
          expect(sum(hits.map((group) => ({ hits: group.hits }))).hits ?? 0).toBe(total.rateLimits)
        }
        const tools = await book.tools(owner, range)
        expect(sum(tools.map(({ calls, failed, asked }) => ({ calls, failed, asked })))).toMatchObject(
          tools.length === 0 ? {} : { calls: total.toolCalls, failed: total.failedTools, asked: total.approvals },
        )
      }),
      { numRuns: 60 },
    )
  })

  it("say in a page which turns come next", async () => {
    const session = running()
    session.say({ ...ended })
    for (const turnId of ["t2", "t3"]) {
      session.play(request(turnId))
      session.play({ type: "start-turn", turnId })
      session.say({ ...ended, turnId })
    }
    const book = await bookOf({ events: session.events, sessionId: "s" })
    const first = await book.turns("s", { limit: 2 })
    expect(first.turns.map(({ turnId }) => turnId)).toEqual(["t3", "t2"])
    const second = await book.turns("s", { limit: 2, after: first.next })
    expect([second.turns.map(({ turnId }) => turnId), second.next]).toEqual([["t1"], undefined])
    await expect(book.counters("nobody")).rejects.toMatchObject({ code: "session-not-found" })
  })

  it("stay numbers, whatever an agent says of itself", async () => {
    const session = running()
    session.say({ type: "usage", used: 1, size: 2, cost: { amount: 1e300, currency: "USD" } })
    session.say({ ...ended, usage: { totalTokens: Number.MAX_SAFE_INTEGER, inputTokens: 0.5, outputTokens: -3 } })
    const book = await bookOf({ events: session.events, sessionId: "s" })
    expect(await book.counters("s")).toMatchObject({
      cost: 1e12,
      totalTokens: 1e12,
      inputTokens: 1,
      outputTokens: 0,
    })
  })
})

function play(moves: Parameters<typeof withFreshIds>[0]) {
  const session = running()
  for (const move of withFreshIds(moves)) if (!isFirst(move)) session.play(move)
  return session
}

// The first prompt was asked for already.
function isFirst(move: Parameters<typeof withFreshIds>[0][number]) {
  return move.type === "request-turn" && move.turnId === "t1"
}

/** The numbers, worked out from the events one by one. */
function counted(events: readonly SessionEvent[]) {
  const count = (matches: (event: SessionEvent) => unknown) => events.filter(matches).length
  const resolved = (status: string) =>
    count((event) => event.type === "approval.resolved" && event.data.status === status)
  return {
    turns: count(({ type }) => type === "turn.ended"),
    failedTurns: count((event) => event.type === "turn.ended" && event.data.error),
    prompts: count(({ type }) => type === "message.user"),
    toolCalls: count(({ type }) => type === "tool.ended"),
    failedTools: count((event) => event.type === "tool.ended" && event.data.status === "failed"),
    approvals: count(({ type }) => type === "approval.requested"),
    approved: resolved("approved"),
    rejected: resolved("rejected"),
    rateLimits: count(({ type }) => type === "rate_limit.hit"),
    cost: events.reduce((all, event) => all + (event.type === "usage.updated" ? (event.data.costDelta ?? 0) : 0), 0),
  }
}

function sum(records: readonly Readonly<Record<string, number>>[]) {
  const total: Record<string, number> = {}
  for (const record of records)
    for (const [name, value] of Object.entries(record)) total[name] = (total[name] ?? 0) + value
  return total
}
