import { endTurns } from "./end-turns.ts"
import type { Recording } from "./recording.ts"

/** Ends a session for good; killing it twice is fine. */
export function killSession(recording: Recording, reason: string) {
  if (recording.state.end === "killed") return
  recording.record("session.killed", { reason })
  endTurns(recording, { code: "session_killed", message: "The session was killed." })
}
