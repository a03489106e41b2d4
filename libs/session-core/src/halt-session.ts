import { withdrawWaiting } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { isEnded } from "./session-state.ts"

/** While all work is stopped: what runs is interrupted, and nobody needs to decide what it asked. Twice is fine. */
export function haltSession(recording: Recording) {
  const { stop, state } = recording
  if (!stop || isEnded(state)) return
  const { by: actor, reason } = stop
  const { turn } = state
  // One that a person has interrupted already may not have had its prompt yet: it shall not get it now.
  if (turn && !turn.isHalted)
    recording.record("turn.cancel_requested", { turnId: turn.turnId, reason, halt: true }, { actor })
  withdrawWaiting(recording, { tellAgent: true, reason, actor })
}
