import type { AegisParts } from "./aegis-parts.ts"
import { type AnalyticsQuery, groupRateLimits, groupTurns, type TimeRange } from "./analytics.ts"
import { persons } from "./events.ts"
import {
  type Counters,
  counterNames,
  countersTable,
  type DecisionRow,
  decisionsTable,
  noneOf,
  rateLimitsTable,
  toolCallsTable,
  turnsTable,
} from "./metrics-rows.ts"
import { type OwnerQuery, ownedBy, type PageQuery } from "./owner-query.ts"
import { type Percentiles, percentilesOf } from "./percentiles.ts"
import { allInOrder, placedRows, rowsInOrder } from "./rows-in-order.ts"
import { SessionError } from "./session-error.ts"
import { sessionsTable } from "./session-models.ts"
import { toolsOf } from "./tool-use.ts"

/** How long things took in a session. */
export interface SessionLatency {
  /** A prompt, in the queue. */
  readonly queue: Percentiles
  /** From a turn's start to the first thing that its agent said or did. */
  readonly firstOutput: Percentiles
  readonly turn: Percentiles
  /** Without the time that calls waited for somebody. */
  readonly tool: Percentiles
  /** Until a person had decided. */
  readonly approval: Percentiles
}

/** What all sessions of somebody have done so far. */
export interface SessionTotals extends Counters {
  readonly sessions: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly byAgent: Readonly<Record<string, number>>
}

/** What sessions have done and cost, and how long it took, as the log has it. Who may read it is decided at the door. */
export class MetricsBook {
  readonly #log: AegisParts["log"]

  constructor({ log }: Pick<AegisParts, "log">) {
    this.#log = log
  }

  /** Rejects with `session-not-found`. */
  async counters(sessionId: string): Promise<Counters> {
    const [row] = await this.#log.rows(countersTable, { where: { sessionId } })
    if (row) return sumOf([row])
    throw new SessionError("session-not-found", `There is no session ${sessionId}.`)
  }

  async latency(sessionId: string): Promise<SessionLatency> {
    const [turns, calls, decisions] = await Promise.all([
      allInOrder(this.#log, turnsTable, { sessionId }),
      allInOrder(this.#log, toolCallsTable, { sessionId }),
      allInOrder(this.#log, decisionsTable, { sessionId }),
    ])
    return {
      queue: percentilesOf(turns.map(({ waitedMs }) => waitedMs)),
      firstOutput: percentilesOf(turns.map(({ firstOutputMs }) => firstOutputMs)),
      turn: percentilesOf(turns.map(({ durationMs }) => durationMs)),
      tool: percentilesOf(calls.map(({ durationMs }) => durationMs)),
      approval: percentilesOf(decisions.map(waitOf)),
    }
  }

  /** The turns that have ended, newest first. `after`: the `seq` of the last one of the page before. */
  async turns(sessionId: string, { after, limit }: PageQuery) {
    const where = { sessionId, ...(after === undefined ? {} : { seq: { lt: after } }) }
    const rows = await this.#log.rows(turnsTable, { where, order: [["seq", "desc"]], limit: limit + 1 })
    const turns = rows.slice(0, limit)
    return { turns, next: rows.length > limit ? turns.at(-1)?.seq : undefined }
  }

  /** The tools that a session has used. */
  sessionTools(sessionId: string) {
    const where = { sessionId }
    const calls = rowsInOrder(this.#log, toolCallsTable, where)
    return toolsOf({ calls, decisions: rowsInOrder(this.#log, decisionsTable, where) })
  }

  /** The tools that somebody's sessions have used within the time. */
  tools(owner: OwnerQuery, { from, to }: TimeRange) {
    const within = { gte: from, lt: to }
    const calls = placedRows(this.#log, owner, { table: toolCallsTable, where: { endedAt: within } })
    const decisions = placedRows(this.#log, owner, { table: decisionsTable, where: { requestedAt: within } })
    return toolsOf({ calls: rowsOf(calls), decisions: rowsOf(decisions) })
  }

  /** The files that a session's agent says it has changed, each once, in order; at most so many. */
  async changedFiles(sessionId: string, most: number): Promise<readonly string[]> {
    const files = new Set<string>()
    // JSON columns hold what the projection put there.
    for await (const { paths } of rowsInOrder(this.#log, toolCallsTable, { sessionId }))
      for (const path of (paths ?? []) as readonly string[]) if (files.size < most) files.add(path)
    return [...files]
  }

  /** How many of somebody's sessions are in each state. */
  async byStatus(owner: OwnerQuery) {
    const sessions = await this.#log.rows(sessionsTable, { where: ownedBy(owner) })
    return tally(sessions.map(({ status }) => status))
  }

  async totals(owner: OwnerQuery): Promise<SessionTotals> {
    const where = ownedBy(owner)
    const sessions = await this.#log.rows(sessionsTable, { where })
    return {
      sessions: sessions.length,
      byStatus: tally(sessions.map(({ status }) => status)),
      byAgent: tally(sessions.map(({ agent }) => agent)),
      ...sumOf(await this.#log.rows(countersTable, { where })),
    }
  }

  /** How many sessions each tenant has in each state. */
  async census(): Promise<
    readonly { readonly tenantId: string; readonly status: string; readonly sessions: number }[]
  > {
    const rows = await this.#log.rows(sessionsTable)
    const tenants = Map.groupBy(rows, ({ tenantId }) => tenantId)
    return [...tenants].flatMap(([tenantId, owned]) =>
      Object.entries(tally(owned.map(({ status }) => status))).map(([status, sessions]) => ({
        tenantId,
        status,
        sessions,
      })),
    )
  }

  /** What the turns that ended within the time have come to. */
  analyseTurns({ owner, by, from, to }: AnalyticsQuery) {
    const where = { endedAt: { gte: from, lt: to } }
    return groupTurns(placedRows(this.#log, owner, { table: turnsTable, where }), by)
  }

  analyseRateLimits({ owner, by, from, to }: AnalyticsQuery) {
    const where = { at: { gte: from, lt: to } }
    return groupRateLimits(placedRows(this.#log, owner, { table: rateLimitsTable, where }), by)
  }
}

function sumOf(rows: readonly Counters[]): Counters {
  const sum = noneOf(counterNames)
  for (const row of rows) for (const name of counterNames) sum[name] += row[name]
  return sum
}

function tally(names: readonly string[]) {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function* rowsOf<Row>(placed: AsyncIterable<{ readonly row: Row }>) {
  for await (const { row } of placed) yield row
}

/** What a rule or the clock has decided has waited for nobody. */
function waitOf({ requestedAt, decidedAt, decider }: DecisionRow) {
  if (decidedAt === null || !persons.has(decider)) return null
  return Math.max(0, Date.parse(decidedAt) - Date.parse(requestedAt))
}
