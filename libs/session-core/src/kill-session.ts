import { endTurns } from "./end-turns.ts"
import type { Recording } from "./recording.ts"

/** Ends a session for good; killing it twice is fine, or when it is done. */
export function killSession(recording: Recording, reason: string) {
  const { end } = recording.state
  if (end === "killed" || end === "completed") return
  recording.record("session.killed", { reason })
  endTurns(recording, { code: "session_killed", message: "The session was killed." })
}
