import type { AegisParts } from "./aegis-parts.ts"
import type { Parent } from "./command.ts"
import type { SessionEventData, SessionStatus } from "./events.ts"
import { MOST_GENERATIONS } from "./refuse-child.ts"
import { SessionError } from "./session-error.ts"
import { sessionFold, sessionsTable } from "./session-models.ts"
import type { SessionState } from "./session-state.ts"

type Parts = Pick<AegisParts, "log" | "asksLess" | "isInside">

/** What a session would be a child of, with what is decided by; undefined: of none. Rejects with `session-not-found`. */
export async function findParent(
  { log, asksLess, isInside }: Parts,
  { parentId, permissionMode, workDir }: SessionEventData<"session.created">,
): Promise<Parent | undefined> {
  if (parentId === undefined) return undefined
  const { state } = await log.fold(sessionFold, parentId)
  if (!state) throw new SessionError("session-not-found", `There is no session ${parentId}.`)
  const living = await log.rows(sessionsTable, { where: { parentId, status: { in: livingStatuses } } })
  return {
    state,
    generation: await generationAfter(log, state),
    livingChildren: living.length,
    asksLess: asksLess(permissionMode, state.permissionMode),
    isInside: isInside(workDir, state.workDir),
  }
}

/** How many sessions are above a child of that one; no further than it matters. */
async function generationAfter(log: Parts["log"], state: SessionState) {
  let generation = 1
  for (let above = state.parentId; above !== undefined && generation <= MOST_GENERATIONS; generation++)
    above = (await log.fold(sessionFold, above)).state?.parentId
  return generation
}

export const livingStatuses: readonly SessionStatus[] = [
  "pending",
  "idle",
  "working",
  "permission_prompt",
  "asking",
  "rate_limit",
  "error",
  "unknown",
]
