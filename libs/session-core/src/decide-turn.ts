import type { RequestTurn } from "./command.ts"
import { refuseEnded, withdrawWaiting } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, isReachable, statusOf } from "./session-state.ts"
import { endUnaskedTurn } from "./unasked-turn.ts"

/** Accepts a prompt: it runs at once, or waits for its turn. */
export function requestTurn(recording: Recording, { turnId, content, whenBusy, by, retryTurn }: RequestTurn) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  const busy = state.turn !== undefined || state.queue.length > 0
  if (busy && whenBusy === "reject")
    return new SessionError(
      "turn-busy",
      `Session ${state.sessionId} is busy; send again when it is idle, or let the prompt queue.`,
    )
  const asked = { turnId, content: [...content], whenBusy, ...(by === undefined ? {} : { by }) }
  recording.record("turn.requested", { ...asked, ...(retryTurn ? { retryTurn } : {}) }, { turnId })
  if (state.turn && whenBusy === "interrupt") cancelTurn(recording, "Interrupted by the next prompt.")
  // Where nothing is in its way it begins in the same append, instead of by the runner's command a commit later.
  if (!busy && !state.parked && !state.failure) startTurn(recording, turnId)
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
  if (isEnded(state) || isHeld || !isReachable(state) || next?.turnId !== turnId) return
  endUnaskedTurn(recording)
  recording.record("turn.started", { turnId, origin: "prompt" }, { turnId })
  recording.record("message.user", { messageId: `${turnId}:user`, content: [...next.content] })
}

function cancelTurn(recording: Recording, reason: string) {
  const { turn } = recording.state
  if (!turn || turn.cancelling) return
  recording.record("turn.cancel_requested", { turnId: turn.turnId, reason })
  withdrawWaiting(recording, { tellAgent: true, reason })
}
