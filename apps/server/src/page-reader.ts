import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { AegisEvent } from "@aegis/session-core/events"
import { LRUCache } from "lru-cache"

/** What is read for one reader at a time: so many events, or so much of them. */
const BOUNDS = { limit: 256, maxCharacters: 64 * 1024 }
/** Of all pages that are kept. */
const MOST_CHARACTERS = 4 * 1024 * 1024
/** Since it was last asked for: the crowd has gone by. */
const KEPT_MS = 10_000

export interface PageRange {
  /** Only this session's events. */
  readonly sessionId: string | undefined
  /** The first event is the one after this. */
  readonly after: number
  /** The last one that may be in it. */
  readonly upTo: number
}

export interface Page {
  readonly entries: readonly LogEntry<AegisEvent>[]
  /** Whether it has all that was asked for; otherwise it is full. */
  readonly isWhole: boolean
}

interface KeptPage extends Page {
  readonly upTo: number
}

/**
 * Reads pages of the log. Readers come to the same place in crowds, such as when all of them come back: the page that is
 * read for the first one is given to the others, the same array, so that what is made of it can be made once.
 */
export class PageReader {
  readonly #aegis: Pick<Aegis, "readEvents">
  readonly #kept: LRUCache<string, KeptPage>

  /** @param clock of milliseconds that only go forward. */
  constructor(aegis: Pick<Aegis, "readEvents">, clock: { now(): number } = performance) {
    this.#aegis = aegis
    this.#kept = new LRUCache({
      maxSize: MOST_CHARACTERS,
      sizeCalculation: ({ entries }) => Math.max(1, charactersOf(entries)),
      ttl: KEPT_MS,
      ttlResolution: 0,
      updateAgeOnGet: true,
      perf: clock,
    })
  }

  /** To be called now and then: a server that nobody reads from keeps nothing. */
  forgetOld() {
    this.#kept.purgeStale()
  }

  async read({ sessionId, after, upTo }: PageRange): Promise<Page> {
    if (after >= upTo) return { entries: [], isWhole: true }
    const place = `${sessionId ?? ""} ${after}`
    const kept = this.#kept.get(place)
    // A full page stays what it is, whatever is committed after it.
    if (kept && (!kept.isWhole || kept.upTo === upTo)) return kept
    const stream = sessionId === undefined ? {} : { stream: sessionId }
    const entries = await this.#aegis.readEvents({ after, before: upTo + 1, ...BOUNDS, ...stream })
    const isWhole = entries.length < BOUNDS.limit && charactersOf(entries) < BOUNDS.maxCharacters
    const page = { entries, isWhole, upTo }
    this.#kept.set(place, page)
    return page
  }
}

function charactersOf(entries: Page["entries"]) {
  return entries.reduce((sum, { json }) => sum + json.length, 0)
}
