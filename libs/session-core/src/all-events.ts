import type { EventLog, LogEntry } from "@aegis/event-log"
import type { AegisEvent } from "./events.ts"

export interface AllEventsQuery {
  readonly stream: string
  /** Only of these; absent: all. */
  readonly types?: readonly string[]
}

const PAGE = 500

/** A stream's events in their order, up to what there is when it is read. */
export async function allEvents(log: EventLog<AegisEvent>, { stream, types }: AllEventsQuery) {
  const events: LogEntry<AegisEvent>["event"][] = []
  for (let after = 0; ; ) {
    const page = await log.read({ stream, after, limit: PAGE, ...(types ? { types } : {}) })
    events.push(...page.map(({ event }) => event))
    if (page.length < PAGE) return events
    after = page.at(-1)?.seq ?? after
  }
}
