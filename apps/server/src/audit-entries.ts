import { setImmediate as breathe } from "node:timers/promises"
import type { LogEntry } from "@aegis/event-log"
import { type Aegis, auditTypes } from "@aegis/session-core"
import type { AegisEvent } from "@aegis/session-core/events"
import type { EventAudience, EventAudiences } from "./event-audience.ts"

export type AuditEntry = LogEntry<AegisEvent>

/** What of the trail is asked for. */
export interface AuditFilter {
  readonly actor?: string | undefined
  /** `key.created,approval.*` */
  readonly type?: string | undefined
  readonly session?: string | undefined
  /** ISO 8601; from it on, and before it. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface AuditPageQuery extends AuditFilter {
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
}

export interface AuditRangeQuery extends AuditFilter {
  readonly after?: number | undefined
  /** The last entry that may be in it. */
  readonly upTo: number
}

/** So many numbers of the log are gone through at a time, however little of them fits: nobody else waits longer. */
const SPAN = 2000
/** And so often for one page. */
const MOST_SPANS = 50

/** The audit trail: the log's events that are somebody's deed, of what the asker may see. */
export class AuditEntries {
  readonly #aegis: Pick<Aegis, "readEvents" | "head">
  readonly #audiences: EventAudiences

  constructor(aegis: Pick<Aegis, "readEvents" | "head">, audiences: EventAudiences) {
    this.#aegis = aegis
    this.#audiences = audiences
  }

  /** Newest first; oldest first where it begins after something. `next`: where to go on, in the same direction. */
  async page({ after, before = this.#aegis.head() + 1, limit, ...filter }: AuditPageQuery, audience: EventAudience) {
    const isForward = after !== undefined
    const found: AuditEntry[] = []
    let [low, high] = [after ?? 0, before]
    for (let spans = 0; spans < MOST_SPANS && high - low > 1; spans += 1) {
      const span = isForward
        ? { after: low, before: Math.min(high, low + SPAN + 1) }
        : { after: Math.max(low, high - SPAN - 1), before: high }
      const entries = await this.#read(span, { ...filter, isForward, audience })
      found.push(...entries.slice(0, limit - found.length))
      if (isForward) low = span.before - 1
      else high = span.after + 1
      if (found.length < limit) continue
      const last = found.at(-1)?.seq ?? 0
      // The rest of this span is the next page's.
      if (isForward) low = last
      else high = last
      break
    }
    const isWhole = high - low <= 1
    return { entries: found, next: isWhole ? undefined : isForward ? low : high }
  }

  /** All of a range, oldest first, some at a time. */
  async *range({ after = 0, upTo, ...filter }: AuditRangeQuery, audience: EventAudience) {
    for (let low = after; low < upTo; low += SPAN) {
      const span = { after: low, before: Math.min(upTo, low + SPAN) + 1 }
      const entries = await this.#read(span, { ...filter, isForward: true, audience })
      if (entries.length > 0) yield entries
    }
  }

  async #read(span: Span, { session, type, actor, from, to, isForward, audience }: ReadOptions) {
    await breathe()
    const types = type === undefined ? auditTypes : typesOf(type)
    const found: AuditEntry[] = []
    for (let after = span.after; types.length > 0; ) {
      const stream = session === undefined ? {} : { stream: session }
      const page = await this.#aegis.readEvents({ ...span, after, types, limit: PAGE, ...stream })
      await this.#audiences.prepare(page)
      found.push(...this.#audiences.narrow(page, audience).filter(({ event }) => fits(event, { actor, from, to })))
      if (page.length < PAGE) break
      after = page.at(-1)?.seq ?? span.before
    }
    return isForward ? found : found.reverse()
  }
}

const PAGE = 500

interface Span {
  readonly after: number
  readonly before: number
}

interface ReadOptions extends AuditFilter {
  readonly isForward: boolean
  readonly audience: EventAudience
}

function typesOf(type: string) {
  const wanted = type.split(",")
  return auditTypes.filter((known) =>
    wanted.some((one) => one === known || (one.endsWith(".*") && known.startsWith(one.slice(0, -1)))),
  )
}

// Texts of instants may have another zone.
function fits(
  { actor, at }: AuditEntry["event"],
  { actor: wanted, from, to }: Pick<AuditFilter, "actor" | "from" | "to">,
) {
  if (wanted !== undefined && actor.id !== wanted) return false
  if (from !== undefined && Date.parse(at) < Date.parse(from)) return false
  return to === undefined || Date.parse(at) < Date.parse(to)
}
