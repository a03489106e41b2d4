import type { LogEntry } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent, Recorded } from "./log-event.ts"
import { DATA_MEMBER, type EncodedEvent } from "./rolling-hash.ts"

/** Encodes an event once, for good: the result is what is stored, hashed and sent. */
export function encodeEvent(seq: number, { data, ...members }: LogEvent): EncodedEvent {
  if ("seq" in members || "hash" in members)
    throw new EventLogError("event-invalid", `Event ${members.type} brings its own seq or hash; the log gives both.`)
  const named = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [`,${toJson(name)}:${toJson(value)}`],
  )
  const head = `{"seq":${seq}${named.join("")}${DATA_MEMBER}`
  if (head.indexOf(DATA_MEMBER) !== head.length - DATA_MEMBER.length)
    throw new EventLogError("event-invalid", `Event ${members.type} has a member named data inside another one.`)
  return { seq, head, data: toJson(data ?? null) }
}

/** The entry that readers get. Its envelope is parsed when first asked for. */
export function toEntry<E extends LogEvent>({ head, data, ...entry }: StoredEvent): LogEntry<E> {
  const json = `${head}${data},"hash":"${entry.hash}"}`
  let event: Recorded<E> | undefined
  return {
    ...entry,
    json,
    get event() {
      event ??= JSON.parse(json) as Recorded<E>
      return event
    },
  }
}

/** An event as an engine keeps it. */
export interface StoredEvent extends EncodedEvent {
  readonly stream: string
  readonly type: string
  readonly hash: string
}

// JSON.stringify writes a lone surrogate as an escape, which other languages' parsers refuse: U+FFFD takes its place.
function toJson(value: unknown): string {
  const json = JSON.stringify(value)
  if (!/\\ud[89a-f]/.test(json)) return json
  return JSON.stringify(value, (_key, member: unknown) => wellFormed(member))
}

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed()
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), member]))
}
