import { cancelTurn } from "./cancel-turn.ts"
import type { RequestTurn } from "./command.ts"
import { holdForBudget, reserveBudget } from "./decide-budget.ts"
import { refuseOthers } from "./decide-driver.ts"
import { refuseEnded, withdrawWaiting } from "./end-turns.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, isReachable, statusOf } from "./session-state.ts"
import { endUnaskedTurn } from "./unasked-turn.ts"

/** Accepts a prompt: it runs at once, or waits for its turn. */
export function requestTurn(
  recording: Recording,
  { turnId, content, whenBusy, by, retryTurn, fence, ...on }: RequestTurn,
) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  const refusal = refuseOthers(recording, fence)
  if (refusal) return refusal
  const busy = state.turn !== undefined || state.queue.length > 0
  if (busy && whenBusy === "reject")
    return new SessionError(
      "turn-busy",
      `Session ${state.sessionId} is busy; send again when it is idle, or let the prompt queue.`,
    )
  const { actor } = recording.context
  const key = on.key ?? (actor.kind === "key" ? actor.id : undefined)
  const asked = { turnId, content: [...content], whenBusy, ...withoutUndefined({ by, key }) }
  recording.record("turn.requested", { ...asked, ...(retryTurn ? { retryTurn } : {}) }, { turnId })
  if (state.turn && whenBusy === "interrupt") cancelTurn(recording, "Interrupted by the next prompt.")
  // Where nothing is in its way it begins in the same append, instead of by the runner's command a commit later.
  if (!busy && !state.parked && !state.failure) startTurn(recording, turnId)
  // Nobody starts a process only to say that there is no money.
  else if (!busy) holdForBudget(recording)
  return undefined
}

/** Asks the running turn to end; asking twice is fine. */
export function interruptTurn(recording: Recording, reason: string) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  if (!state.turn)
    return new SessionError("no-turn", `Session ${state.sessionId} has no turn to interrupt; it is not working.`)
  cancelTurn(recording, reason)
  return undefined
}

/** Takes back whatever waits for a person, and ends the turn; fine where nothing runs. */
export function escapeTurn(recording: Recording, reason: string) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  cancelTurn(recording, reason)
  withdrawWaiting(recording, { tellAgent: true, reason })
  return undefined
}

/** The agent has been silent for too long in a turn: told once, until it says something. */
export function stalled(
  recording: Recording,
  { turnId, sinceMs }: { readonly turnId: string; readonly sinceMs: number },
) {
  const { state } = recording
  if (state.turn?.turnId !== turnId || state.stalled || statusOf(state) !== "working") return
  recording.record("session.stalled", { sinceMs })
}

/** The runner begins with the first prompt of the queue. */
export function startTurn(recording: Recording, turnId: string) {
  const { state } = recording
  const next = state.queue[0]
  const isHeld = recording.stop !== undefined || state.paused || state.turn?.origin === "prompt"
  if (isEnded(state) || isHeld || next?.turnId !== turnId) return
  if (holdForBudget(recording) || !isReachable(state)) return
  endUnaskedTurn(recording)
  // What its own work has cost may have been too much for what was asked.
  if (holdForBudget(recording)) return
  recording.record("turn.started", { turnId, origin: "prompt" }, { turnId })
  reserveBudget(recording)
  recording.record("message.user", { messageId: `${turnId}:user`, content: [...next.content] })
}
