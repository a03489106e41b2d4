import type { Budget } from "@aegis/policy"
import { BudgetSchema } from "@aegis/policy/schema"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Ledger, standingOf } from "../src/ledger.ts"
import { nextDue, planEffects } from "../src/plan-effects.ts"
import {
  anyMove,
  exited,
  extension,
  PlayedSession,
  ready,
  request,
  said,
  started,
  turnEnded,
  usage,
  withFreshIds,
} from "./session-moves.ts"

const budget = (given: object): Budget => BudgetSchema.parse({ scope: "session", usd: 1, ...given })

/** A session whose agent waits for a prompt. */
function readySession(...budgets: object[]) {
  const session = new PlayedSession()
  session.budgets = budgets.map(budget)
  session.play(started("run-1"))
  session.say({ ...ready, capabilities: { loadSession: true } })
  return session
}

/** A turn that costs so much: `usd` is what the agent has spent since it began. */
function turn(session: PlayedSession, turnId: string, usd: number) {
  session.play(request(turnId))
  session.say(usage(usd), turnEnded(turnId))
}

const begun = (session: PlayedSession) => session.ofType("turn.started").map(({ turnId }) => turnId)

/** The ledger of the session's own accounts, and of the others. */
function ledgersOf({ now, system }: PlayedSession): readonly [own: Ledger, shared: Ledger] {
  return [now.ledger ?? {}, system.ledger ?? {}]
}

describe("whatever is commanded and whatever the runner says, a budget", () => {
  const budgets = fc.uniqueArray(
    fc.record({
      scope: fc.constantFrom("session", "server", "owner:ada", "agent:demo", "owner:bo"),
      usd: fc.integer({ min: 1, max: 60 }).map((cents) => cents / 100),
      per: fc.constantFrom(undefined, "hour" as const),
      estimate: fc.constantFrom(undefined, { usd: 0.1 }),
      maxTurnUsd: fc.constantFrom(undefined, 0.2),
    }),
    { selector: ({ scope, per }) => `${scope} ${per}`, maxLength: 4 },
  )

  it("counts what turns cost, keeps what the running one may need, and lets none begin that it has no room for", () => {
    fc.assert(
      fc.property(budgets, fc.array(anyMove, { maxLength: 60, size: "max" }), (given, moves) => {
        const session = new PlayedSession()
        session.budgets = given.map(({ per, estimate, maxTurnUsd, ...rest }) =>
          budget({
            ...rest,
            ...(per ? { per } : {}),
            ...(estimate ? { estimate } : {}),
            ...(maxTurnUsd ? { maxTurnUsd } : {}),
          }),
        )
        const limits = limitsOf(session)
        for (const move of withFreshIds(moves)) {
          const [own, shared] = ledgersOf(session)
          const before = session.events.length
          session.play(move)
          const fresh = session.events.slice(before)
          const begins = fresh.some(({ type, data }) => type === "turn.started" && data.origin === "prompt")
          const reserved = begins ? fresh.find(({ type }) => type === "budget.reserved") : undefined
          // What was there for it, before it began.
          if (reserved?.type === "budget.reserved" && !fresh.some(({ type }) => type === "budget.settled"))
            for (const { account, isShared, window, cost } of reserved.data.accounts) {
              const standing = standingOf(isShared ? shared : own, account, window)
              expect(standing.spent.cost + standing.reserved.cost + cost).toBeLessThanOrEqual(
                (limits.get(account) ?? 0) + standing.granted.cost,
              )
            }
        }
        const running = session.now.turn?.accounts
        const kept = ledgersOf(session).flatMap((ledger) =>
          Object.entries(ledger).flatMap(([id, { reserved }]) => Object.keys(reserved).map((turnId) => [id, turnId])),
        )
        // One that is begun and not ended, and nothing of any other.
        const turnId = session.now.turn?.turnId
        expect(kept.sort()).toEqual((running ?? []).map(({ account }) => [account, turnId]).sort())
        const settled = session.ofType("budget.settled").reduce((sum, { data }) => sum + data.cost, 0)
        if (given.some(({ scope }) => scope !== "owner:bo")) expect(settled).toBe(session.now.cost.settled ?? 0)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Each account's limit, by its name. */
function limitsOf({ budgets }: PlayedSession) {
  return new Map(
    budgets.map(({ scope, per, usd = 0 }) => {
      const whose = scope.startsWith("owner:") ? " of home" : ""
      return [`${scope}${whose}${per ? ` per ${per}` : ""}`, Math.round(usd * 1_000_000)]
    }),
  )
}

describe("a budget that is used up", () => {
  it("holds the next prompt, which says why, and lets it go when somebody allows more", () => {
    const session = readySession({})
    turn(session, "t1", 1.2)
    session.play(request("t2"))
    expect(begun(session)).toEqual(["t1"])
    expect(session.ofType("budget.exceeded").map(({ turnId, data }) => [turnId, data])).toMatchObject([
      // The agent had told it while the turn ran.
      ["t1", { measure: "cost", spent: { cost: 0 }, needed: { cost: 1_200_000 } }],
      [
        "t2",
        {
          account: "session",
          limit: { cost: 1_000_000 },
          spent: { cost: 1_200_000 },
          reason: 'Budget "session" of $1.00 is used up: $1.20 spent, $1.20 of this turn.',
        },
      ],
    ])
    // Asked for once more it has nothing new to say.
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.ofType("budget.exceeded")).toHaveLength(2)
    session.play(extension(100))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(begun(session)).toEqual(["t1"])
    session.play(extension(40))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(begun(session)).toEqual(["t1", "t2"])
    expect(session.now.exceeded).toBeUndefined()
  })

  it("is there again with its next period", () => {
    const session = readySession({ per: "hour", estimate: { usd: 0.1 } })
    turn(session, "t1", 0.95)
    session.play(request("t2"))
    expect(begun(session)).toEqual(["t1"])
    expect(session.now.exceeded?.until).toBe("1970-01-01T01:00:00.000Z")
    session.skip(3600)
    session.play({ type: "start-turn", turnId: "t2" })
    expect(begun(session)).toEqual(["t1", "t2"])
  })

  it("of tokens holds prompts as well", () => {
    const session = readySession({ usd: undefined, tokens: 100, estimate: { tokens: 1 } })
    const tokens = { totalTokens: 100, inputTokens: 50, outputTokens: 50 }
    session.play(request("t1"))
    session.say({ type: "turn.ended", turnId: "t1", stopReason: "end_turn", usage: tokens })
    session.play(request("t2"))
    expect(begun(session)).toEqual(["t1"])
    expect(session.now.exceeded?.reason).toBe(
      'Budget "session" of 100 tokens is used up: 100 tokens spent, 1 tokens of this turn.',
    )
  })

  it("interrupts the turn that has used it up, once", () => {
    const session = readySession({})
    session.play(request("t1"))
    session.say(usage(0.5))
    expect(session.now.turn?.cancelling).toBe(false)
    session.say(usage(1), usage(1.1))
    expect(session.now.turn?.cancelling).toBe(true)
    expect(session.ofType("turn.cancel_requested")).toMatchObject([{ data: { reason: session.now.exceeded?.reason } }])
  })

  it("interrupts a turn that takes more than one may", () => {
    const session = readySession({ maxTurnUsd: 0.3 })
    turn(session, "t1", 0.2)
    session.play(request("t2"))
    session.say(usage(0.5))
    expect(session.now.turn?.cancelling).toBe(false)
    session.say(usage(0.51))
    expect(session.now.turn?.cancelling).toBe(true)
    expect(session.now.exceeded?.reason).toBe('The turn has cost $0.31, and one may cost $0.30 (budget "session").')
  })

  it("says so at once where no agent runs", () => {
    for (const stop of [exited("run-1", "stopped"), { type: "park", reason: "x" } as const]) {
      const session = readySession({ estimate: { usd: 0.2 } })
      turn(session, "t1", 0.9)
      session.play(stop)
      session.play(request("t2"))
      expect(session.ofType("budget.exceeded").map(({ turnId }) => turnId)).toEqual(["t2"])
    }
  })

  it.each(["session", "server"])("by what the agent does of itself holds what is asked of it: %s", (scope) => {
    const session = readySession({ scope, estimate: { usd: 0.2 } })
    session.say(said("I go on."), usage(0.9))
    expect(session.now.turn?.origin).toBe("agent")
    session.play(request("t1"))
    session.play({ type: "start-turn", turnId: "t1" })
    expect(session.ofType("turn.ended")).toHaveLength(1)
    expect(session.ofType("budget.exceeded")).toMatchObject([{ turnId: "t1", data: { spent: { cost: 900_000 } } }])
    expect(session.now.queue).toHaveLength(1)
  })

  it("wants no agent for a prompt that it holds, and looks again when its period is over", () => {
    const session = readySession({ per: "hour" })
    turn(session, "t1", 1)
    session.play(request("t2"))
    const held = { until: session.now.exceeded?.until }
    const view = { attachedRunId: "run-1", sent: new Set<string>(), now: "1970-01-01T00:00:10.000Z" }
    expect(planEffects(session.now, { ...view, held })).toEqual([])
    expect(planEffects(session.now, view)).toMatchObject([{ type: "start-turn", turn: { turnId: "t2" } }])
    expect(nextDue(session.now, { held })).toBe("1970-01-01T01:00:00.000Z")
    session.play(exited("run-1", "stopped"))
    expect(planEffects(session.now, { ...view, attachedRunId: undefined, held })).toEqual([])
    expect(nextDue(session.now, { held })).toBe("1970-01-01T01:00:00.000Z")
  })
})

describe("a budget that is shared", () => {
  it("has room for a turn only beside what is kept for those that run", () => {
    const server = { scope: "server", estimate: { usd: 0.6 } }
    const [one, two] = [readySession(server), readySession(server)]
    one.play(request("t1"))
    two.system = one.system
    two.play(request("t2"))
    expect(begun(two)).toEqual([])
    expect(two.now.exceeded?.reason).toBe(
      'Budget "server" of $1.00 has no room for this turn: $0.00 spent, $0.60 kept for turns that run, $0.60 of this turn.',
    )
    one.say(usage(0.3), turnEnded("t1"))
    two.system = one.system
    two.play({ type: "start-turn", turnId: "t2" })
    expect(begun(two)).toEqual(["t2"])
    expect(two.system.ledger?.server).toMatchObject({ spent: { cost: 300_000 }, reserved: { t2: { cost: 600_000 } } })
  })

  it("is counted however the turn ends", () => {
    for (const end of [{ type: "kill", reason: "x" } as const, exited("run-1", "crashed")]) {
      const session = readySession({ scope: "server" })
      session.play(request("t1"))
      session.say(usage(0.3))
      session.play(end)
      expect(session.system.ledger?.server).toMatchObject({ spent: { cost: 300_000 }, reserved: {} })
    }
  })

  it("says nothing of the next prompt while the session's own turn runs", () => {
    const session = readySession({ scope: "server", estimate: { usd: 0.6 } })
    session.play(request("t1"))
    session.play(request("t2"))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(session.ofType("budget.exceeded")).toEqual([])
    session.say(turnEnded("t1"))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(begun(session)).toEqual(["t1", "t2"])
  })

  it("of a key is known, and extended, when nothing of it waits any more", () => {
    const session = readySession({ scope: "key:k1" })
    session.play(request("t1"), { kind: "key", id: "k1", via: "test" })
    session.say(usage(1.5), turnEnded("t1"))
    expect(session.now.exceeded?.account).toBe("key:k1 of home")
    expect(session.play(extension(100))).toBeUndefined()
    expect(session.system.ledger?.["key:k1 of home"]).toMatchObject({
      spent: { cost: 1_500_000 },
      granted: { cost: 1_000_000 },
    })
  })

  it("is not extended by what it does not limit", () => {
    const session = readySession({ scope: "server", usd: undefined, tokens: 10 })
    expect(session.play(extension(100, { account: "server" }))?.message).toBe(
      'Budget "server" limits tokens, and no money: extend that.',
    )
  })

  it("is extended by who may extend it, by its name or the one that holds; another one is told as such", () => {
    const session = readySession({ scope: "server" }, { scope: "owner:ada", usd: 5 })
    expect(session.play(extension(1))?.message).toBe(
      'No budget holds session s. Name one of its budgets: "server", "owner:ada of home".',
    )
    turn(session, "t1", 1)
    session.play(request("t2"))
    expect(session.play(extension(200, { isForAll: false }))?.code).toBe("budget-of-all")
    expect(session.play(extension(200, { account: "owner:bo of home" }))?.code).toBe("budget-not-found")
    expect(session.play(extension(200, { account: "owner:ada of home", isForAll: false }))).toBeUndefined()
    expect(begun(session)).toEqual(["t1"])
    session.play(extension(200))
    session.play({ type: "start-turn", turnId: "t2" })
    expect(begun(session)).toEqual(["t1", "t2"])
    expect(session.system.ledger).toMatchObject({
      server: { granted: { cost: 2_000_000 } },
      "owner:ada of home": { granted: { cost: 2_000_000 } },
    })
  })
})

it("a session without budgets has no word about them", () => {
  const session = readySession()
  turn(session, "t1", 100)
  session.play(request("t2"))
  expect(session.events.filter(({ type }) => type.startsWith("budget."))).toEqual([])
  expect(begun(session)).toEqual(["t1", "t2"])
})
