import type { EventLog, LogEntry } from "@aegis/event-log"
import { allEvents } from "./all-events.ts"
import type { AegisEvent } from "./events.ts"
import { continues, messageOf, type TranscriptMessage, toMessages } from "./transcript.ts"

const PAGE = 500
/** Most messages are whole after a few events. */
const FEW = 16

export interface TranscriptPageQuery {
  /** Messages with a smaller id. Absent: the newest. */
  readonly beforeId?: number
  readonly limit: number
  readonly role?: TranscriptMessage["role"]
}

/** A page of messages, oldest first, and whether there are older ones. Ids never shift while others append. */
export async function readTranscriptPage(
  log: EventLog<AegisEvent>,
  stream: string,
  { beforeId, limit, role }: TranscriptPageQuery,
) {
  const tail = beforeId === undefined ? [] : await restOfMessage(log, stream, beforeId)
  let events: readonly LogEntry<AegisEvent>[] = tail
  let before = beforeId
  // Nothing much is read that is not shown: about two events a message, and more where that is not enough.
  for (let size = Math.min(PAGE, 2 * limit + FEW); ; size = Math.min(PAGE, 2 * size)) {
    const page = await log.read({
      stream,
      direction: "backward",
      limit: size,
      ...(before === undefined ? {} : { before }),
    })
    events = [...page.toReversed(), ...events]
    before = page.at(-1)?.seq
    const isAll = page.length < size
    // The oldest message here may have begun in a page that was not read yet: it is held back until it is whole.
    const messages = toMessages(events.map(({ event }) => event)).slice(isAll ? 0 : 1)
    const wanted = messages.filter((message) => role === undefined || message.role === role)
    if (isAll || wanted.length > limit) return { messages: wanted.slice(-limit), hasMore: wanted.length > limit }
  }
}

/** All messages from an offset on, and how many there are in all. */
export async function readWholeTranscript(
  log: EventLog<AegisEvent>,
  stream: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  const messages = toMessages(await allEvents(log, { stream }))
  return { messages: messages.slice(offset, offset + limit), total: messages.length }
}

/** The same one after the other, as they are read: those that begin up to a `seq`, as they were then. */
export async function* transcriptUpTo(log: EventLog<AegisEvent>, stream: string, seq: number) {
  let events: LogEntry<AegisEvent>["event"][] = []
  for (let after = 0; ; ) {
    const page = await log.read({ stream, after, limit: PAGE })
    events.push(...page.flatMap(({ event }) => (event.seq <= seq ? event : [])))
    const last = page.at(-1)
    const messages = toMessages(events)
    if (last === undefined || last.seq >= seq) return yield* messages
    // The newest one may go on.
    yield* messages.slice(0, -1)
    const { id = Number.POSITIVE_INFINITY } = messages.at(-1) ?? {}
    events = events.filter((event) => event.seq >= id)
    after = last.seq
  }
}

// A cursor inside a message still gives the whole of it: what belongs to it comes after the cursor.
async function restOfMessage(log: EventLog<AegisEvent>, stream: string, beforeId: number) {
  const rest: LogEntry<AegisEvent>[] = []
  let previous = await lastShown(log, stream, beforeId)
  for (let after = beforeId - 1, size = FEW; ; size = Math.min(PAGE, 4 * size)) {
    const page = await log.read({ stream, after, limit: size })
    for (const entry of page) {
      if (messageOf(entry.event) === undefined) continue
      if (!previous || !continues(previous.event, entry.event)) return rest
      rest.push(entry)
      previous = entry
    }
    if (page.length < size) return rest
    after = page.at(-1)?.seq ?? after
  }
}

async function lastShown(log: EventLog<AegisEvent>, stream: string, beforeId: number) {
  for (let before = beforeId, size = FEW; ; size = Math.min(PAGE, 4 * size)) {
    const page = await log.read({ stream, direction: "backward", before, limit: size })
    const found = page.find(({ event }) => messageOf(event) !== undefined)
    if (found || page.length < size) return found
    before = page.at(-1)?.seq ?? before
  }
}
