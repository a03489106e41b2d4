import type { AegisParts } from "./aegis-parts.ts"
import { SessionError } from "./session-error.ts"
import { sessionFold } from "./session-models.ts"

/** The session as it is now. Rejects with `session-not-found`. */
export async function stateOf({ log }: Pick<AegisParts, "log">, sessionId: string) {
  const { state } = await log.fold(sessionFold, sessionId)
  if (!state) throw new SessionError("session-not-found", `There is no session ${sessionId}.`)
  return state
}
