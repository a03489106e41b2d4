import type { ToolCall } from "@aegis/acp-runtime"
import type { Row } from "@aegis/event-log"
import type { JudgedRequest, JudgedRequestsQuery } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { type Actor, persons } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { approvalsTable, sessionsTable } from "./session-models.ts"

const PAGE = 500
/** So many are looked up on the disk side by side: it has other things to do for others. */
const AT_ONCE = 25

/** What the log has of a session that policies are about. */
type Place = Row<typeof sessionsTable>

/**
 * All that agents have asked for in the sessions of an owner, oldest first. Paths are as they lead now, and the mode is the
 * session's of now: neither is kept with what was asked.
 */
export async function* judgedRequests(
  { log, toPolicyRequest }: Pick<AegisParts, "log" | "toPolicyRequest">,
  { tenantId, userId, since }: JudgedRequestsQuery,
): AsyncGenerator<readonly JudgedRequest[], void, undefined> {
  for (let after = 0; ; ) {
    const where = { seq: { gt: after }, ...(since === undefined ? {} : { requestedAt: { gt: since } }) }
    const rows = await log.rows(approvalsTable, { where, order: [["seq", "asc"]], limit: PAGE })
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
    const sessionId = { in: [...new Set(rows.map((row) => row.sessionId))] }
    const places = await log.rows(sessionsTable, { where: { sessionId, tenantId, ...withoutUndefined({ userId }) } })
    const byId = new Map(places.map((place) => [place.sessionId, place]))
    const seen = rows.flatMap((row) => {
      const place = byId.get(row.sessionId)
      return place ? [{ row, place }] : []
    })
    for (let from = 0; from < seen.length; from += AT_ONCE)
      yield await Promise.all(
        seen.slice(from, from + AT_ONCE).map(({ row, place }) => toJudged(row, { place, toPolicyRequest })),
      )
  }
}

async function toJudged(
  { approvalId, sessionId, tool, requestedAt, ...decided }: Row<typeof approvalsTable>,
  { place, toPolicyRequest }: { readonly place: Place } & Pick<AegisParts, "toPolicyRequest">,
): Promise<JudgedRequest> {
  const { permissionMode, workDir, agent, labels, userId, tenantId } = place
  // JSON columns hold what the projection put there: the events' own data.
  const session = {
    permissionMode,
    workDir,
    agent,
    labels: labels as Record<string, string>,
    owner: { userId, tenantId },
  }
  const request = await toPolicyRequest({ tool: tool as ToolCall, session }, Date.parse(requestedAt))
  const answer = answerOf(decided)
  return { approvalId, sessionId, request, ...(answer ? { answer } : {}) }
}

// What a rule or the clock has said is no person's answer.
function answerOf({ status, decidedBy }: Pick<Row<typeof approvalsTable>, "status" | "decidedBy">) {
  const isPerson = persons.has((decidedBy as Actor | null)?.kind)
  return isPerson && (status === "approved" || status === "rejected") ? status : undefined
}
