import { withdrawWaiting } from "./end-turns.ts"
import type { Recording } from "./recording.ts"

/** Asks the running turn to end, and takes back what waits for a person; asking twice is fine. */
export function cancelTurn(recording: Recording, reason: string) {
  const { turn } = recording.state
  if (!turn || turn.cancelling) return
  recording.record("turn.cancel_requested", { turnId: turn.turnId, reason })
  withdrawWaiting(recording, { tellAgent: true, reason })
}
