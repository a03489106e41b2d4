import { refuseEnded } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, isOccupied } from "./session-state.ts"

/** No prompt goes out until it is resumed; twice is fine. */
export function pauseSession(recording: Recording, reason: string) {
  if (isEnded(recording.state)) return refuseEnded(recording.state)
  if (!recording.state.paused) recording.record("session.paused", { reason })
  return undefined
}

/** Ends a pause, and nothing else; twice is fine. */
export function resumeSession(recording: Recording, reason: string) {
  if (isEnded(recording.state)) return refuseEnded(recording.state)
  if (recording.state.paused) recording.record("session.resumed", { reason })
  return undefined
}

/** Begins a session again that has failed or crashed: its agent is started, and its restarts count from 0. */
export function restartSession(recording: Recording, reason: string) {
  const { state } = recording
  if (isEnded(state) && state.end !== "crashed") return refuseEnded(state)
  if (state.end === undefined && state.failure === undefined)
    return new SessionError(
      "not-restartable",
      `Session ${state.sessionId} has neither failed nor crashed; to end its turn, interrupt it.`,
    )
  recording.record("session.restarted", { reason })
  return undefined
}

/** Ends a session for good whose work is done; one that has got other work goes on. */
export function completeSession(recording: Recording, reason: string) {
  const { state } = recording
  if (!isEnded(state) && !isOccupied(state)) recording.record("session.completed", { reason })
}
