import type { Budget } from "./policy-document.ts"

/** What work costs: millionths of a US dollar, and tokens. */
export interface Spending {
  readonly cost: number
  readonly tokens: number
}

/** Whose work it is. */
export interface BudgetSubject {
  readonly agent: string
  readonly owner: { readonly userId: string; readonly tenantId: string }
  /** By which key it was asked for; absent: nobody has asked, or it was not kept. */
  readonly key?: { readonly id: string; readonly name?: string | undefined } | undefined
}

/** What one budget counts of one piece of work. */
export interface BudgetAccount {
  /** The same for all work that is counted together. */
  readonly id: string
  /** `session`: of one session alone. `tenant`: of all that a key or an owner does. `server`: whoever does it. */
  readonly reach: "session" | "tenant" | "server"
  readonly limit: Partial<Spending>
  /** What a turn is taken to cost, where that is configured. */
  readonly estimate: Partial<Spending>
  /** What a turn may cost. */
  readonly maxTurnCost?: number
  /** ISO 8601 UTC. Absent: for good. */
  readonly window?: { readonly from: string; readonly until: string }
}

/** The budgets of a policy, and what is judged by them (spec/policy.md). Pure. */
export interface Budgets {
  /** The accounts that work is counted on at that time (ISO 8601 UTC), in the order of the budgets. */
  readonly accountsOf: (subject: BudgetSubject, at: string) => readonly BudgetAccount[]
  readonly fullFor: typeof fullFor
  readonly overBy: typeof overBy
  readonly neededFor: typeof neededFor
}

/** Undefined where there are none. */
export function compileBudgets(budgets: readonly Budget[]): Budgets | undefined {
  if (budgets.length === 0) return undefined
  return { accountsOf: (subject, at) => accountsOf(budgets, subject, at), fullFor, overBy, neededFor }
}

function accountsOf(budgets: readonly Budget[], subject: BudgetSubject, at: string): readonly BudgetAccount[] {
  return budgets.flatMap((budget) => {
    const { scope, per } = budget
    const reach = reachOf(scope, subject)
    if (reach === undefined) return []
    const window = per && windowAt(per, at)
    // Names of keys and users are a tenant's own: who has the same in another one has nothing to do with it.
    const whose = reach === "tenant" ? ` of ${subject.owner.tenantId}` : ""
    return [
      {
        id: `${scope}${whose}${per === undefined ? "" : ` per ${per}`}`,
        reach,
        limit: spendingOf(budget.usd, budget.tokens),
        estimate: spendingOf(budget.estimate?.usd, budget.estimate?.tokens),
        ...(budget.maxTurnUsd === undefined ? {} : { maxTurnCost: micros(budget.maxTurnUsd) }),
        ...(window ? { window } : {}),
      },
    ]
  })
}

/** Where an account stands in its window. */
export interface Standing {
  readonly spent: Spending
  /** What a person has allowed beyond the limit. */
  readonly granted: Spending
  /** What is kept for turns that run. */
  readonly reserved: Spending
}

/** Why a turn may not begin that is taken to need so much, or undefined. Money and tokens are each judged alone. */
function fullFor({ limit }: BudgetAccount, standing: Standing, needed: Spending): keyof Spending | undefined {
  return measures.find((measure) => {
    const most = limit[measure]
    if (most === undefined) return false
    const taken = standing.spent[measure] + standing.reserved[measure]
    const left = most + standing.granted[measure] - taken
    return left <= 0 || needed[measure] > left
  })
}

/** Why a turn that has spent so much may not go on, or undefined: the limit is reached, or it takes too much for one. */
function overBy(account: BudgetAccount, { spent, granted }: Standing, turn: Spending) {
  const { limit, maxTurnCost } = account
  const isOver = (measure: keyof Spending) => {
    const most = limit[measure]
    return most !== undefined && turn[measure] > 0 && spent[measure] + turn[measure] >= most + granted[measure]
  }
  if (maxTurnCost !== undefined && turn.cost > maxTurnCost) return "turn"
  return measures.find(isOver)
}

/** What a turn is taken to need: as configured, else the mean of the last ones. */
function neededFor({ estimate }: BudgetAccount, last: readonly Spending[]): Spending {
  const mean = (measure: keyof Spending) =>
    last.length === 0 ? 0 : Math.round(last.reduce((sum, turn) => sum + turn[measure], 0) / last.length)
  return { cost: estimate.cost ?? mean("cost"), tokens: estimate.tokens ?? mean("tokens") }
}

const measures = ["cost", "tokens"] as const

function reachOf(scope: string, { agent, owner, key }: BudgetSubject): BudgetAccount["reach"] | undefined {
  if (scope === "session" || scope === "server") return scope
  const kind = scope.slice(0, scope.indexOf(":"))
  const name = scope.slice(kind.length + 1)
  if (kind === "agent") return name === agent ? "server" : undefined
  if (kind === "owner") return name === owner.userId ? "tenant" : undefined
  return kind === "key" && (name === key?.id || name === key?.name) ? "tenant" : undefined
}

function spendingOf(usd: number | undefined, tokens: number | undefined): Partial<Spending> {
  return { ...(usd === undefined ? {} : { cost: micros(usd) }), ...(tokens === undefined ? {} : { tokens }) }
}

function micros(usd: number) {
  return Math.round(usd * 1_000_000)
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** 1970-01-01 was a Thursday, and weeks begin on Mondays (ISO 8601). */
const MONDAY_MS = 4 * DAY_MS

/** Of the calendar in UTC, so that it is the same wherever the server stands. */
function windowAt(per: NonNullable<Budget["per"]>, at: string) {
  const time = Date.parse(at)
  const date = new Date(time)
  const month = (more: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + more)
  const span = (milliseconds: number, offset = 0) => {
    const from = Math.floor((time - offset) / milliseconds) * milliseconds + offset
    return [from, from + milliseconds] as const
  }
  const bounds = {
    hour: () => span(HOUR_MS),
    day: () => span(DAY_MS),
    week: () => span(7 * DAY_MS, MONDAY_MS),
    month: () => [month(0), month(1)] as const,
  }
  const [from, until] = bounds[per]()
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() }
}
