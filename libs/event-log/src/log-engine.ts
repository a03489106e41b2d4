import { toEntry } from "./encode-event.ts"
import type { AppendRequest, AppendResult, EventLog, LogEntry, ReadOptions, TailOptions } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent } from "./log-event.ts"
import type { Fold } from "./read-model.ts"
import { RecentEntries } from "./recent-entries.ts"
import { type SealOptions, sealBatch } from "./seal-batch.ts"
import type { Storage } from "./storage.ts"
import type { RowQuery, Table } from "./table.ts"
import { Wakeups } from "./wakeups.ts"

/** Enough to fill a disk write, few enough that the event loop breathes while they are sealed. */
const MAX_BATCH_REQUESTS = 512
const PAGE = 256
/** What a reader that pages holds at most, but for the one entry that is larger. */
const PAGE_CHARACTERS = 1024 * 1024

interface Waiting<E extends LogEvent> {
  readonly request: AppendRequest<E>
  readonly resolve: (result: AppendResult<E>) => void
  readonly reject: (error: EventLogError) => void
}

/** The log, on any engine: group commit, then publish, then acknowledge. */
export class LogEngine<E extends LogEvent> implements EventLog<E> {
  readonly #storage: Storage
  readonly #options: SealOptions<E>
  readonly #recent = new RecentEntries<E>()
  readonly #wakeups = new Wakeups()
  #waiting: Waiting<E>[] = []
  #committing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #published: number
  /** Of the last write; what can be written again is well again. */
  #failure: EventLogError | undefined

  constructor(storage: Storage, options: SealOptions<E>) {
    this.#storage = storage
    this.#options = options
    this.#published = storage.head()
  }

  append(request: AppendRequest<E>) {
    if (this.#closing) return Promise.reject(closed())
    return new Promise<AppendResult<E>>((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      this.#committing ??= this.#commitWaiting()
    })
  }

  async read({ direction = "forward", limit = PAGE, ...options }: ReadOptions = {}) {
    if (this.#closing) throw closed()
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
      throw new EventLogError("event-invalid", `A page has 1 to 1000 entries, not ${limit}.`)
    const stored = await this.#storage.read({ ...options, direction, limit })
    return stored.map((event) => toEntry<E>(event))
  }

  async *tail({ stream, after, signal }: TailOptions) {
    if (after > this.#published)
      throw new EventLogError("cursor-ahead", `The log ends at ${this.#published}; there is no ${after} to go on from.`)
    let cursor = after
    while (!signal?.aborted && !this.#closing) {
      if (cursor === this.#published) {
        await this.#wakeups.wait(stream, signal)
        continue
      }
      const head = this.#published
      const page = await this.#page({ after: cursor, before: head + 1, stream })
      cursor = isWhole(page) ? head : (page.at(-1)?.seq ?? head)
      if (page.length > 0 && !signal?.aborted) yield page
    }
  }

  head() {
    return this.#published
  }

  async streamHead(stream: string) {
    return (await this.#storage.stream(stream)).head
  }

  offset(name: string) {
    return this.#storage.offset(name)
  }

  async key(name: string, at: number) {
    const record = await this.#storage.key(name)
    return record && record.expiresAt > at ? record : undefined
  }

  rows<T extends Table>(table: T, query: RowQuery<T> = {}) {
    return this.#storage.rows(table, query)
  }

  async fold<S>(fold: Fold<S, E>, stream: string) {
    const { head, folds } = await this.#storage.stream(stream)
    return { state: folds.get(fold.name) as S | undefined, head }
  }

  describe() {
    const { code, message } = this.#failure ?? {}
    return { ...this.#storage.describe(), ...(code && message ? { failure: { code, message } } : {}) }
  }

  close() {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close() {
    this.#wakeups.wakeAll()
    await this.#committing
    await this.#storage.close()
  }

  // What arrives while the disk is busy is committed together when it is free: no timer decides.
  async #commitWaiting() {
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_BATCH_REQUESTS))
    this.#committing = undefined
  }

  async #commit(waiting: readonly Waiting<E>[]) {
    try {
      const outcomes = await this.#store(waiting.map(({ request }) => request))
      this.#failure = undefined
      this.#publish(outcomes.flatMap((outcome) => ("entries" in outcome ? outcome.entries : [])))
      for (const [index, outcome] of outcomes.entries())
        if ("entries" in outcome) waiting[index]?.resolve({ entries: outcome.entries, head: this.#published })
        else waiting[index]?.reject(outcome.error)
    } catch (error) {
      const failure = EventLogError.from(error)
      this.#failure = failure
      for (const { reject } of waiting) reject(failure)
    }
  }

  async #store(requests: readonly AppendRequest<E>[]) {
    const keys = requests.flatMap(({ key }) => (key ? [key.name] : []))
    const base = await this.#storage.beginBatch(streamsOf(requests), keys)
    const { outcomes, batch } = sealBatch(base, requests, this.#options)
    if (outcomes.some((outcome) => "entries" in outcome)) await base.commit(batch)
    else await base.abandon()
    return outcomes
  }

  #publish(entries: readonly LogEntry<E>[]) {
    const last = entries.at(-1)
    if (last === undefined) return
    this.#recent.push(entries)
    this.#published = last.seq
    this.#wakeups.wake(new Set(entries.map((entry) => entry.stream)))
  }

  // `before` keeps out what is committed but not yet published: a reader must not be ahead of the head it waits on.
  async #page({ after, before, stream }: { after: number; before: number; stream: string | undefined }) {
    const recent = this.#recent.after(after, { stream, limit: PAGE })
    if (recent) return recent
    return this.read({ after, before, ...(stream === undefined ? {} : { stream }), ...BOUNDS })
  }
}

const BOUNDS = { limit: PAGE, maxCharacters: PAGE_CHARACTERS }

/** Whether a page ends because there is no more, and not because it is full. */
function isWhole(page: readonly LogEntry[]) {
  return page.length < PAGE && page.reduce((sum, { json }) => sum + json.length, 0) < PAGE_CHARACTERS
}

function streamsOf(requests: readonly AppendRequest<LogEvent>[]) {
  const names = requests.flatMap(({ events, streams = [] }) => [...events, ...streams].map(({ stream }) => stream))
  return [...new Set(names)]
}

function closed() {
  return new EventLogError("log-closed", "The log is closed.")
}
