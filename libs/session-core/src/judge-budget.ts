import type { BudgetAccount, Budgets, Spending, Standing } from "@aegis/policy"
import type { AccessKeys } from "./access-key.ts"
import type { SessionEventData } from "./events.ts"
import { type Ledger, standingOf } from "./ledger.ts"
import { type SessionState, unsettledCost } from "./session-state.ts"

/** What budgets are judged by: those of the policy, what all share, and the time (ISO 8601 UTC). */
export interface BudgetView {
  readonly budgets: Budgets | undefined
  readonly shared: Ledger
  readonly keys: AccessKeys
  readonly at: string
}

/** Why no prompt goes out, less the turn that it is about. */
export type Excess = Omit<SessionEventData<"budget.exceeded">, "turnId">

/** The accounts that the session's work is counted on, where it is asked for with that key. */
export function accountsFor(state: SessionState, keyId: string | undefined, { budgets, keys, at }: BudgetView) {
  const key = keyId === undefined ? undefined : { id: keyId, name: keys[keyId]?.name }
  return budgets?.accountsOf({ agent: state.agent, owner: state.owner, key }, at) ?? []
}

/** Which budget has no room for the session's next turn; undefined: all have, or it is known only when this one is over. */
export function findExcess(state: SessionState, view: BudgetView): Excess | undefined {
  const { budgets } = view
  if (!budgets || state.turn?.origin === "prompt") return undefined
  for (const account of accountsFor(state, state.queue[0]?.key, view)) {
    const needed = budgets.neededFor(account, state.lastTurns ?? [])
    const standing = standingIn(state, account, view)
    const measure = budgets.fullFor(account, standing, needed)
    if (measure) return toExcess(account, { standing, needed, measure })
  }
  return undefined
}

/** Which budget the running turn has used up by what its agent has told so far. */
export function findOverrun(state: SessionState, view: BudgetView): Excess | undefined {
  const { turn } = state
  if (!turn) return undefined
  const spent = { cost: unsettledCost(state), tokens: 0 }
  for (const account of accountsFor(state, turn.key, view)) {
    const standing = standingIn(state, account, view, turn.turnId)
    const measure = view.budgets?.overBy(account, standing, spent)
    if (measure) return toExcess(account, { standing, needed: spent, measure, isSpent: true })
  }
  return undefined
}

function standingIn(state: SessionState, account: BudgetAccount, { shared }: BudgetView, turnId?: string) {
  const ledger = account.reach === "session" ? (state.ledger ?? {}) : shared
  return standingOf(ledger, account.id, account.window?.from, turnId)
}

interface Finding {
  readonly standing: Standing
  readonly needed: Spending
  readonly measure: keyof Spending | "turn"
  /** What it needs it has taken already. */
  readonly isSpent?: boolean
}

function toExcess(account: BudgetAccount, finding: Finding): Excess {
  const { standing, needed, measure } = finding
  const { spent, granted, reserved } = standing
  const { id, limit, window } = account
  return {
    account: id,
    measure,
    limit: measure === "turn" ? { cost: account.maxTurnCost } : limit,
    spent,
    granted,
    reserved,
    needed,
    ...(window ? { until: window.until } : {}),
    reason: reasonOf(account, finding),
  }
}

function reasonOf(account: BudgetAccount, { standing, needed, measure, isSpent = false }: Finding) {
  const { id, limit, maxTurnCost = 0, window } = account
  if (measure === "turn")
    return `The turn has cost ${usd(needed.cost)}, and one may cost ${usd(maxTurnCost)} (budget "${id}").`
  const text = measure === "cost" ? usd : tokens
  const { spent, granted, reserved } = standing
  const most = (limit[measure] ?? 0) + granted[measure]
  const parts = [
    `${text(spent[measure])} spent`,
    ...(reserved[measure] > 0 ? [`${text(reserved[measure])} kept for turns that run`] : []),
    ...(needed[measure] > 0 ? [`${text(needed[measure])} of this turn`] : []),
  ]
  const next = window ? ` It is there again from ${window.until} on.` : ""
  const left = most - spent[measure] - reserved[measure]
  const what = left <= 0 || isSpent ? "is used up" : "has no room for this turn"
  return `Budget "${id}" of ${text(most)} ${what}: ${parts.join(", ")}.${next}`
}

function usd(millionths: number) {
  return `$${(millionths / 1_000_000).toFixed(2)}`
}

function tokens(count: number) {
  return `${count.toLocaleString("en-US")} tokens`
}
