import type { BudgetAccount } from "@aegis/policy"
import { cancelTurn } from "./cancel-turn.ts"
import type { ExtendBudget } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import { accountsFor, findExcess, findOverrun } from "./judge-budget.ts"
import type { AccountName } from "./ledger.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { NOTHING } from "./spending.ts"

/** Whether a budget has no room for the next turn: then it waits, and says why once (spec/policy.md). */
export function holdForBudget(recording: Recording): boolean {
  const { state } = recording
  const [next] = state.queue
  const excess = findExcess(state, recording.budgets)
  if (!excess || !next) return false
  const { turnId } = next
  if (state.exceeded?.turnId !== turnId) recording.record("budget.exceeded", { turnId, ...excess }, { turnId })
  return true
}

/** Keeps for the turn that begins what it is taken to need; for one that nobody asked for, nothing, but it is counted. */
export function reserveBudget(recording: Recording) {
  const { state } = recording
  const { budgets } = recording.budgets
  const { turn, lastTurns = [] } = state
  const accounts = accountsFor(state, turn?.key, recording.budgets)
  if (!budgets || !turn || accounts.length === 0) return
  const { turnId, origin } = turn
  recording.record("budget.reserved", {
    turnId,
    accounts: accounts.map((account) => ({
      ...nameOf(account),
      ...(origin === "prompt" ? budgets.neededFor(account, lastTurns) : NOTHING),
    })),
  })
}

/** Interrupts the turn once its agent has told that it costs more than there is. */
export function stopOverrun(recording: Recording) {
  const { state } = recording
  const { turn } = state
  const excess = turn && findOverrun(state, recording.budgets)
  if (!excess || state.exceeded?.turnId === turn.turnId) return
  recording.record("budget.exceeded", { turnId: turn.turnId, ...excess })
  cancelTurn(recording, excess.reason)
}

/** A person allows more than the limit, until the end of its period; what waits goes on where that is enough. */
export function extendBudget(recording: Recording, { account: name, cost, tokens, isForAll, reason }: ExtendBudget) {
  const { state, budgets } = recording
  const refusal = refuseEnded(state)
  if (refusal) return refusal
  const accounts = accountsFor(state, state.queue[0]?.key ?? state.turn?.key ?? state.lastKey, budgets)
  const wanted = name ?? findExcess(state, budgets)?.account ?? state.exceeded?.account
  const found = accounts.find(({ id }) => id === wanted)
  if (!found) return unknownBudget(state.sessionId, name, accounts)
  if (found.reach === "server" && !isForAll)
    return new SessionError(
      "budget-of-all",
      `Budget "${found.id}" is not your tenant's alone: whoever runs the server extends it.`,
    )
  const { limit } = found
  if ((cost > 0 && limit.cost === undefined) || (tokens > 0 && limit.tokens === undefined))
    return new SessionError(
      "budget-unlimited",
      `Budget "${found.id}" limits ${limit.cost === undefined ? "tokens, and no money" : "money, and no tokens"}: extend that.`,
    )
  recording.record("budget.extended", {
    ...nameOf(found),
    cost,
    tokens,
    reason,
  })
  return undefined
}

/** As events have it. */
function nameOf({ id, reach, window }: BudgetAccount): AccountName {
  return { account: id, isShared: reach !== "session", ...(window ? { window: window.from } : {}) }
}

function unknownBudget(sessionId: string, name: string | undefined, accounts: ReturnType<typeof accountsFor>) {
  const names = accounts.map(({ id }) => `"${id}"`).join(", ")
  const advice = names ? `Name one of its budgets: ${names}.` : "It has no budgets."
  return new SessionError(
    "budget-not-found",
    name === undefined
      ? `No budget holds session ${sessionId}. ${advice}`
      : `Session ${sessionId} is not counted on a budget "${name}". ${advice}`,
  )
}
