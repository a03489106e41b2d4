import { SessionError } from "./session-error.ts"
import { isObserved, type SessionState } from "./session-state.ts"

/** Why nothing can be wished of the session; undefined: it can. */
export function refuseObserved(state: Pick<SessionState, "agent" | "sessionId">) {
  if (!isObserved(state)) return undefined
  return new SessionError(
    "not-driven",
    `Session ${state.sessionId} is only observed: its agent was started elsewhere. Speak to it there.`,
  )
}
