import type { Row } from "@aegis/event-log"
import type { Approval, ApprovalPageQuery, ApprovalsQuery } from "./aegis.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { withoutUndefined } from "./evolve.ts"
import { type OwnerQuery, ownedBy } from "./owner-query.ts"
import { SessionError } from "./session-error.ts"
import { approvalsTable, sessionsTable, votesTable } from "./session-models.ts"

/** So many are read at a time, and a page ends at so many characters: a call may be long. */
const ROWS = 10
const MOST_CHARACTERS = 1024 * 1024
/** So many are looked at for one page: others' may be all that there are. */
const MOST_SEEN = 1000

type ApprovalRow = Row<typeof approvalsTable>

/** Approvals as the log has them, open and decided, each with its votes. */
export class ApprovalReader {
  readonly #log: AegisParts["log"]

  constructor(log: AegisParts["log"]) {
    this.#log = log
  }

  /** Rejects with `approval-not-found`. */
  async get(approvalId: string | undefined): Promise<Approval> {
    const rows = await this.#log.rows(approvalsTable, { where: { approvalId: approvalId ?? "" } })
    const [found] = await this.#withVotes(rows)
    if (!found) throw new SessionError("approval-not-found", `There is no approval ${approvalId}.`)
    return found
  }

  /** Newest first. */
  async list(query: ApprovalsQuery): Promise<readonly Approval[]> {
    const where = withoutUndefined(query)
    return this.#withVotes(await this.#log.rows(approvalsTable, { where, order: [["seq", "desc"]] }))
  }

  /** Those of somebody's sessions, newest first. `next`: where the page ended, if there may be more. */
  async page({ tenantId, userId, parentId, after, limit, ...query }: ApprovalPageQuery) {
    const whose = { tenantId, userId, parentId }
    const found: ApprovalRow[] = []
    let [characters, last] = [0, after]
    for (let seen = 0; seen < MOST_SEEN; seen += ROWS) {
      const rows = await this.#rowsBehind(last, query)
      const ours = await this.#sessionsOf(rows, whose)
      for (const row of rows) {
        if (ours.has(row.sessionId)) {
          characters += JSON.stringify(row).length
          const isFull = found.length === limit || (found.length > 0 && characters > MOST_CHARACTERS)
          if (isFull) return { approvals: await this.#withVotes(found), next: last }
          found.push(row)
        }
        last = row.seq
      }
      if (rows.length < ROWS) return { approvals: await this.#withVotes(found), next: undefined }
    }
    return { approvals: await this.#withVotes(found), next: last }
  }

  #rowsBehind(last: number | undefined, query: ApprovalsQuery) {
    const where = { ...withoutUndefined(query), ...(last === undefined ? {} : { seq: { lt: last } }) }
    return this.#log.rows(approvalsTable, { where, order: [["seq", "desc"]], limit: ROWS })
  }

  // An approval is whose its session is.
  async #sessionsOf(rows: readonly ApprovalRow[], whose: OwnerQuery) {
    const where = {
      ...ownedBy(whose),
      sessionId: { in: [...new Set(rows.map(({ sessionId }) => sessionId))] },
    }
    return new Set((await this.#log.rows(sessionsTable, { where })).map(({ sessionId }) => sessionId))
  }

  // JSON columns hold what the projection put there: the events' own data.
  async #withVotes(rows: readonly ApprovalRow[]) {
    const where = { approvalId: { in: rows.map(({ approvalId }) => approvalId) } }
    const votes = await this.#log.rows(votesTable, { where, order: [["seq", "asc"]] })
    return rows.map((row) => ({
      ...row,
      votes: votes.filter(({ approvalId }) => approvalId === row.approvalId),
    })) as readonly unknown[] as readonly Approval[]
  }
}
