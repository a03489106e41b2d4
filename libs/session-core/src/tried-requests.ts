import type { Row } from "@aegis/event-log"
import type { Judgement } from "@aegis/policy"
import type { AegisParts } from "./aegis-parts.ts"
import { withoutUndefined } from "./evolve.ts"
import { sessionsTable, trialsTable } from "./session-models.ts"

const PAGE = 500

/** What an agent has asked for while a policy was tried: what was said, and what that one would have said. */
export interface TriedRequest {
  readonly sessionId: string
  /** Absent: it was a hook that asked. */
  readonly approvalId?: string
  readonly before: Pick<Judgement, "decision" | "rule">
  readonly after: Judgement
  /** Whether it is answered otherwise. */
  readonly isChanged: boolean
}

export interface TriedRequestsQuery {
  readonly version: number
  /** Whose sessions: those of a tenant, or of one of its users. */
  readonly tenantId: string
  readonly userId?: string | undefined
}

/** All on which a version of a policy was tried in the sessions of an owner, oldest first. */
export async function* triedRequests(
  log: AegisParts["log"],
  { version, tenantId, userId }: TriedRequestsQuery,
): AsyncGenerator<readonly TriedRequest[], void, undefined> {
  for (let after = 0; ; ) {
    const where = { version, seq: { gt: after } }
    const rows = await log.rows(trialsTable, { where, order: [["seq", "asc"]], limit: PAGE })
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
    const sessionId = { in: [...new Set(rows.map((row) => row.sessionId))] }
    const seen = await log.rows(sessionsTable, { where: { sessionId, tenantId, ...withoutUndefined({ userId }) } })
    const ids = new Set(seen.map((session) => session.sessionId))
    yield rows.filter((row) => ids.has(row.sessionId)).map(toTried)
  }
}

// The columns have what the projection put there: the event's own data.
function toTried({ sessionId, approvalId, before, isChanged, ...said }: Row<typeof trialsTable>): TriedRequest {
  const { decision, rule, reason } = said
  return {
    sessionId,
    ...(approvalId === null ? {} : { approvalId }),
    before: before as TriedRequest["before"],
    after: { decision: decision as Judgement["decision"], rule, reason },
    isChanged,
  }
}
