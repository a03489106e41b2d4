import type { LogEntry } from "@aegis/event-log"
import { type Aegis, auditTypes } from "@aegis/session-core"
import type { AegisEvent } from "@aegis/session-core/events"
import type { EventAudience, EventAudiences } from "./event-audience.ts"
import { Pace } from "./pace.ts"

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

/** So many numbers of the log are gone through at a time, however little of them fits, and so much of it is held. */
const SPAN = 2000
const BOUNDS = { limit: 200, maxCharacters: 1024 * 1024 }
/** And so often for one page. */
const MOST_READ = 50

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
    const found: AuditEntry[] = []
    const isForward = after !== undefined
    let times = 0
    const pace = new Pace({ isShort: true })
    for await (const part of this.#parts({ after: after ?? 0, before }, { ...filter, isForward, audience, pace })) {
      const room = limit - found.length
      found.push(...part.entries.slice(0, room))
      times += 1
      if (part.entries.length > room) return { entries: found, next: found.at(-1)?.seq }
      if (part.next === undefined) break
      if (found.length === limit || times === MOST_READ) return { entries: found, next: part.next }
    }
    return { entries: found, next: undefined }
  }

  /** All of a range, oldest first, some at a time. */
  async *range(
    { after = 0, upTo, ...filter }: AuditRangeQuery,
    audience: EventAudience,
  ): AsyncGenerator<readonly AuditEntry[]> {
    const options = { ...filter, isForward: true, audience, pace: new Pace() }
    for await (const { entries } of this.#parts({ after, before: upTo + 1 }, options))
      if (entries.length > 0) yield entries
  }

  /** What fits, in one direction. `next`: behind what was gone through; undefined: that was all. */
  async *#parts(range: Span, { session, type, actor, from, to, isForward, audience, pace }: PartOptions) {
    const types = type === undefined ? auditTypes : typesOf(type)
    const which = { types, ...BOUNDS, ...(session === undefined ? {} : { stream: session }) }
    const direction = isForward ? "forward" : "backward"
    for (let rest = range; types.length > 0 && rest.before - rest.after > 1; ) {
      await pace.step()
      const span = isForward
        ? { ...rest, before: Math.min(rest.before, rest.after + SPAN + 1) }
        : { ...rest, after: Math.max(rest.after, rest.before - SPAN - 1) }
      const page = await this.#aegis.readEvents({ ...span, ...which, direction })
      const last = isWhole(page) ? (isForward ? span.before - 1 : span.after + 1) : (page.at(-1)?.seq ?? 0)
      rest = isForward ? { ...rest, after: last } : { ...rest, before: last }
      await this.#audiences.prepare(page)
      const entries = this.#audiences.narrow(page, audience).filter(({ event }) => fits(event, { actor, from, to }))
      yield { entries, next: rest.before - rest.after > 1 ? last : undefined }
    }
  }
}

interface Span {
  readonly after: number
  readonly before: number
}

interface PartOptions extends AuditFilter {
  readonly isForward: boolean
  readonly audience: EventAudience
  readonly pace: Pace
}

/** Whether a page has all of its span, and did not end because it is full. */
function isWhole(page: readonly AuditEntry[]) {
  return page.length < BOUNDS.limit && page.reduce((sum, { json }) => sum + json.length, 0) < BOUNDS.maxCharacters
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
