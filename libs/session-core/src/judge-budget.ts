import {
  accountsOf,
  type Budget,
  type BudgetAccount,
  fullFor,
  neededFor,
  overBy,
  type Spending,
  type Standing,
} from "@aegis/policy"
import type { AccessKeys } from "./access-key.ts"
import type { SessionEventData } from "./events.ts"
import { type Ledger, standingOf } from "./ledger.ts"
import type { SessionState } from "./session-state.ts"

/** What budgets are judged by: those of the policy, what all share, and the time (ISO 8601 UTC). */
export interface BudgetView {
  readonly budgets: readonly Budget[]
  readonly shared: Ledger
  readonly keys: AccessKeys
  readonly at: string
}

/** Why no prompt goes out, less the turn that it is about. */
export type Excess = Omit<SessionEventData<"budget.exceeded">, "turnId">

/** The accounts of a session's next turn, or of the one that runs. */
export function accountsFor(state: SessionState, keyId: string | undefined, { budgets, keys, at }: BudgetView) {
  if (budgets.length === 0) return []
  const key = keyId === undefined ? undefined : { id: keyId, name: keys[keyId]?.name }
  return accountsOf(budgets, { agent: state.agent, owner: state.owner, key }, at)
}

/** Which budget has no room for the session's next turn; undefined: all have. */
export function findExcess(state: SessionState, view: BudgetView): Excess | undefined {
  for (const account of accountsFor(state, state.queue[0]?.key, view)) {
    const needed = neededFor(account, state.lastTurns ?? [])
    const standing = standingIn(state, account, view)
    const measure = fullFor(account, standing, needed)
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
    const measure = overBy(account, standing, spent)
    if (measure) return toExcess(account, { standing, needed: spent, measure })
  }
  return undefined
}

/** What the agent has told since the last turn's end, in millionths of a US dollar. */
export function unsettledCost({ cost }: SessionState) {
  return cost.total - (cost.settled ?? 0)
}

export function standingIn(state: SessionState, account: BudgetAccount, { shared }: BudgetView, turnId?: string) {
  const ledger = account.reach === "session" ? (state.ledger ?? {}) : shared
  return standingOf(ledger, account.id, account.window?.from, turnId)
}

interface Finding {
  readonly standing: Standing
  readonly needed: Spending
  readonly measure: keyof Spending | "turn"
}

function toExcess(account: BudgetAccount, { standing, needed, measure }: Finding): Excess {
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
    reason: reasonOf(account, { standing, needed, measure }),
  }
}

function reasonOf(account: BudgetAccount, { standing, needed, measure }: Finding) {
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
  return `Budget "${id}" of ${text(most)} is used up: ${parts.join(", ")}.${next}`
}

function usd(millionths: number) {
  return `$${(millionths / 1_000_000).toFixed(2)}`
}

function tokens(count: number) {
  return `${count.toLocaleString("en-US")} tokens`
}
