import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type BudgetAccount, type BudgetSubject, compileBudgets } from "../src/index.ts"
import { type Budget, BudgetSchema, PolicySchema } from "../src/schema.ts"

const NOTHING = { cost: 0, tokens: 0 }
const { fullFor, neededFor, overBy } = compiled([{ scope: "server", usd: 1 }])
const accountsOf = (budgets: readonly Budget[], of: BudgetSubject, when: string) =>
  compiled(budgets).accountsOf(of, when)

function compiled(budgets: readonly Budget[]) {
  const all = compileBudgets(budgets)
  if (!all) throw new Error("There are none.")
  return all
}

const budget = (given: Partial<Budget>): Budget => BudgetSchema.parse({ scope: "session", usd: 1, ...given })
const subject = { agent: "claude", owner: { userId: "ada", tenantId: "home" }, key: { id: "k1", name: "ci" } }
const at = "2026-11-29T13:14:15.000Z"
const idsOf = (scopes: readonly string[], of = subject) =>
  accountsOf(
    scopes.map((scope) => budget({ scope })),
    of,
    at,
  ).map(({ id }) => id)

describe("the accounts that work is counted on", () => {
  it("are those of its session, its server, its agent, its owner and its key, by id or name", () => {
    expect(idsOf(["session", "server", "agent:claude", "owner:ada", "key:k1", "key:ci"])).toEqual([
      "session",
      "server",
      "agent:claude",
      "owner:ada of home",
      "key:k1 of home",
      "key:ci of home",
    ])
    expect(idsOf(["agent:demo", "owner:bo", "key:other", "template:x"])).toEqual([])
    expect(accountsOf([budget({ scope: "key:ci" })], { ...subject, key: undefined }, at)).toEqual([])
  })

  it("are a tenant's own where keys and owners are", () => {
    const elsewhere = { ...subject, owner: { userId: "ada", tenantId: "work" } }
    expect(idsOf(["owner:ada", "key:ci", "server"], elsewhere)).toEqual([
      "owner:ada of work",
      "key:ci of work",
      "server",
    ])
  })

  it.each([
    ["hour", "2026-11-29T13:00:00.000Z", "2026-11-29T14:00:00.000Z"],
    ["day", "2026-11-29T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    // A Monday.
    ["week", "2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    ["month", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ] as const)("are of the calendar's %s in UTC", (per, from, until) => {
    expect(accountsOf([budget({ per })], subject, at)).toMatchObject([
      { id: `session per ${per}`, window: { from, until } },
    ])
  })

  it("have windows that hold their time, and follow one another", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1969-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
        fc.constantFrom("hour", "day", "week", "month"),
        (time, per) => {
          const windowAt = (when: string) =>
            accountsOf([budget({ per })], subject, when)[0]?.window ?? { from: "", until: "" }
          const { from, until } = windowAt(time.toISOString())
          expect(from <= time.toISOString() && time.toISOString() < until).toBe(true)
          expect(windowAt(until).from).toBe(until)
          expect(windowAt(from)).toEqual({ from, until })
        },
      ),
    )
  })
})

const account = (limit: BudgetAccount["limit"], more: Partial<BudgetAccount> = {}): BudgetAccount => ({
  id: "session",
  reach: "session",
  limit,
  estimate: {},
  ...more,
})
const standing = { spent: NOTHING, granted: NOTHING, reserved: NOTHING }
const cost = (millionths: number) => ({ cost: millionths, tokens: 0 })

describe("a budget", () => {
  it.each([
    ["nothing spent, nothing known", {}, cost(0), undefined],
    ["all that is left", {}, cost(10), undefined],
    ["more than is left", { spent: cost(5) }, cost(6), "cost"],
    ["nothing, where all is spent", { spent: cost(10) }, cost(0), "cost"],
    ["more than others have left", { reserved: cost(5) }, cost(6), "cost"],
    ["what somebody has allowed", { spent: cost(10), granted: cost(5) }, cost(5), undefined],
    ["more than somebody has allowed", { spent: cost(10), granted: cost(5) }, cost(6), "cost"],
    ["tokens, of which it says nothing", { spent: { cost: 0, tokens: 1e9 } }, { cost: 0, tokens: 1e9 }, undefined],
  ] as const)("has room for a turn, or not: %s", (_what, given, needed, full) => {
    expect(fullFor(account({ cost: 10 }), { ...standing, ...given }, needed)).toBe(full)
  })

  it("is full by its tokens alone", () => {
    const both = account({ cost: 10, tokens: 100 })
    expect(fullFor(both, { ...standing, spent: { cost: 0, tokens: 100 } }, NOTHING)).toBe("tokens")
    expect(fullFor(both, standing, { cost: 0, tokens: 101 })).toBe("tokens")
    expect(fullFor(both, standing, { cost: 10, tokens: 100 })).toBeUndefined()
  })

  it("ends a turn that reaches it, or takes more than one may", () => {
    expect(overBy(account({ cost: 10 }), { ...standing, spent: cost(4) }, cost(5))).toBeUndefined()
    expect(overBy(account({ cost: 10 }), { ...standing, spent: cost(4) }, cost(6))).toBe("cost")
    expect(overBy(account({ cost: 10 }), { ...standing, spent: cost(4), granted: cost(1) }, cost(6))).toBeUndefined()
    expect(overBy(account({ cost: 10 }, { maxTurnCost: 2 }), standing, cost(2))).toBeUndefined()
    expect(overBy(account({ cost: 10 }, { maxTurnCost: 2 }), standing, cost(3))).toBe("turn")
    // A turn that costs nothing takes nothing from a budget that is used up.
    expect(overBy(account({ cost: 10 }), { ...standing, spent: cost(10) }, cost(0))).toBeUndefined()
  })

  it("takes for a turn what is configured, else what the last ones took on average", () => {
    const last = [
      { cost: 10, tokens: 1 },
      { cost: 21, tokens: 2 },
    ]
    expect(neededFor(account({ cost: 10 }), last)).toEqual({ cost: 16, tokens: 2 })
    expect(neededFor(account({ cost: 10 }, { estimate: { cost: 7 } }), last)).toEqual({ cost: 7, tokens: 2 })
    expect(neededFor(account({ cost: 10 }), [])).toEqual(NOTHING)
  })

  it("is written once for a scope and a period, in dollars", () => {
    const policy = (...budgets: object[]) => PolicySchema.safeParse({ version: 1, budgets })
    const one = { scope: "server", usd: 0.1, per: "day" }
    expect(policy(one, { ...one, per: "week" }).success).toBe(true)
    expect(policy(one, { ...one, usd: 2 }).error?.issues).toMatchObject([{ path: ["budgets", 1] }])
    expect(accountsOf([budget({ usd: 0.1, estimate: { usd: 0.3 }, maxTurnUsd: 1.1 })], subject, at)).toMatchObject([
      { limit: { cost: 100_000 }, estimate: { cost: 300_000 }, maxTurnCost: 1_100_000 },
    ])
  })
})
