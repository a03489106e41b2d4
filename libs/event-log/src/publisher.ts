import { toEntry } from "./encode-event.ts"
import type { LogEntry, TailOptions } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent } from "./log-event.ts"
import { RecentEntries } from "./recent-entries.ts"
import type { Storage } from "./storage.ts"
import { StorageAway } from "./storage-away.ts"
import { Wakeups } from "./wakeups.ts"

const PAGE = 256
/** What a reader that pages holds at most, but for the one entry that is larger. */
const PAGE_CHARACTERS = 1024 * 1024
const BOUNDS = { limit: PAGE, maxCharacters: PAGE_CHARACTERS, direction: "forward" } as const

interface Range {
  readonly after: number
  readonly before: number
  readonly stream: string | undefined
}

/** What readers see: what is committed, by whomever, in the order of its numbers, each once and without a hole. */
export class Publisher<E extends LogEvent> {
  readonly #storage: Storage
  readonly #recent = new RecentEntries<E>()
  readonly #wakeups = new Wakeups()
  readonly #outages = new Wakeups()
  #head: number
  #looking: Promise<void> | undefined
  #isAsked = false
  #isClosed = false

  constructor(storage: Storage) {
    this.#storage = storage
    this.#head = storage.head()
  }

  /** `seq` of the newest entry that readers may have. */
  get head() {
    return this.#head
  }

  /** Commits and looks cross each other, and both bring what they have read: what is there already is passed over. */
  publish(entries: readonly LogEntry<E>[]) {
    const following = entries[0]?.seq === this.#head + 1 ? entries : entries.filter(({ seq }) => seq > this.#head)
    const last = following.at(-1)
    if (last === undefined) return
    this.#recent.push(following)
    this.#head = last.seq
    this.#wakeups.wake(new Set(following.map((entry) => entry.stream)))
  }

  /** Publishes what others have committed, as `read` sees it. */
  async catchUp(read: Storage["read"]) {
    for (let isWhole = false; !isWhole && !this.#isClosed; ) {
      const page = (await read({ after: this.#head, ...BOUNDS })).map((event) => toEntry<E>(event))
      this.publish(page)
      isWhole = isWholePage(page)
    }
  }

  /** Publishes what others have committed by now. One looks for all that ask meanwhile, once more for those that came late. */
  look() {
    this.#isAsked = true
    this.#looking ??= this.#lookWhileAsked()
    return this.#looking
  }

  async *tail({ stream, after, signal }: TailOptions): AsyncGenerator<readonly LogEntry<E>[], void, undefined> {
    // A cursor from elsewhere may be ahead of what this process has seen.
    if (after > this.#head) await this.look()
    if (after > this.#head)
      throw new EventLogError("cursor-ahead", `The log ends at ${this.#head}; there is no ${after} to go on from.`)
    let cursor = after
    while (!signal?.aborted && !this.#isClosed) {
      if (cursor === this.#head) {
        await this.#wakeups.wait(stream, signal)
        continue
      }
      const head = this.#head
      const page = await this.#pageOrOutage({ after: cursor, before: head + 1, stream }, signal)
      if (page === undefined) continue
      cursor = isWholePage(page) ? head : (page.at(-1)?.seq ?? head)
      if (page.length > 0 && !signal?.aborted) yield page
    }
  }

  /** Ends all readers. */
  async close() {
    this.#isClosed = true
    this.#wakeups.wakeAll()
    this.#outages.wakeAll()
    // What it would tell was told to those who asked for it.
    await this.#looking?.catch(() => {})
  }

  async #lookWhileAsked() {
    try {
      while (this.#isAsked && !this.#isClosed) {
        this.#isAsked = false
        await this.catchUp((options) => this.#storage.read(options))
      }
      this.#outages.wakeAll()
    } finally {
      this.#looking = undefined
    }
  }

  /** The next page; undefined when there was none because the storage was away, and is back. */
  async #pageOrOutage(range: Range, signal: AbortSignal | undefined) {
    try {
      return await this.#page(range)
    } catch (error) {
      if (!(error instanceof StorageAway)) throw error
      if (!this.#isClosed) await this.#outages.wait(undefined, signal)
      return undefined
    }
  }

  // `before` keeps out what is committed but not yet published: a reader must not be ahead of the head it waits on.
  async #page({ after, before, stream }: Range) {
    const recent = this.#recent.after(after, { stream, limit: PAGE })
    if (recent) return recent
    const stored = await this.#storage.read({ after, before, ...(stream === undefined ? {} : { stream }), ...BOUNDS })
    return stored.map((event) => toEntry<E>(event))
  }
}

/** Whether a page ends because there is no more, and not because it is full. */
function isWholePage(page: readonly LogEntry[]) {
  return page.length < PAGE && page.reduce((sum, { json }) => sum + json.length, 0) < PAGE_CHARACTERS
}
