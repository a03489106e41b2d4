import { BatchLost } from "./batch-lost.ts"
import { toEntry } from "./encode-event.ts"
import type { AppendRequest, AppendResult, EventLog, ReadOptions, TailOptions } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent } from "./log-event.ts"
import { Publisher } from "./publisher.ts"
import type { Fold } from "./read-model.ts"
import { type Outcome, type SealOptions, sealBatch } from "./seal-batch.ts"
import type { OpenBatch, Storage, Unanswered } from "./storage.ts"
import { StorageAway } from "./storage-away.ts"
import type { RowQuery, Table } from "./table.ts"

/** Enough to fill a disk write, few enough that the event loop breathes while they are sealed. */
const MAX_BATCH_REQUESTS = 512
/** Far beyond what a storage at work lets gather; one that hangs must not fill the memory. */
const MAX_WAITING = 65_536
/** How many times a batch is tried that others undo. */
const MAX_TRIES = 3
/** More than this of others' entries is not read while they wait for the batch. */
const FAR_BEHIND = 1024

interface Waiting<E extends LogEvent> {
  readonly request: AppendRequest<E>
  readonly resolve: (result: AppendResult<E>) => void
  readonly reject: (error: EventLogError) => void
  /** Has been tried before, and certainly left nothing. */
  readonly isRepeated?: boolean
}

/** What became of a batch: of each request, when its commit has an answer. */
interface Stored<E extends LogEvent> {
  readonly outcomes: readonly Outcome<E>[]
  readonly unanswered?: Unanswered | undefined
}

/** The log, on any engine: group commit, then publish, then acknowledge. */
export class LogEngine<E extends LogEvent> implements EventLog<E> {
  readonly #storage: Storage
  readonly #options: SealOptions<E>
  readonly #publisher: Publisher<E>
  #waiting: Waiting<E>[] = []
  #committing: Promise<void> | undefined
  readonly #unanswered = new Set<Promise<void>>()
  #closing: Promise<void> | undefined
  /** Of the last write; what can be written again is well again. */
  #failure: EventLogError | undefined

  constructor(storage: Storage, options: SealOptions<E>) {
    this.#storage = storage
    this.#options = options
    this.#publisher = new Publisher(storage)
    storage.watch?.((seq) => this.#look(seq))
  }

  append(request: AppendRequest<E>) {
    if (this.#closing) return Promise.reject(closed())
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(crowded())
    return new Promise<AppendResult<E>>((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      this.#committing ??= this.#commitWaiting()
    })
  }

  async read({ direction = "forward", limit = 256, ...options }: ReadOptions = {}) {
    if (this.#closing) throw closed()
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
      throw new EventLogError("event-invalid", `A page has 1 to 1000 entries, not ${limit}.`)
    const stored = await this.#storage.read({ ...options, direction, limit })
    return stored.map((event) => toEntry<E>(event))
  }

  tail(options: TailOptions) {
    return this.#publisher.tail(options)
  }

  head() {
    return this.#publisher.head
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
    await this.#publisher.close()
    while (this.#committing || this.#unanswered.size > 0) await Promise.all([this.#committing, ...this.#unanswered])
    await this.#storage.close()
  }

  async #look(seq = Number.POSITIVE_INFINITY) {
    if (seq <= this.head()) return
    await this.#publisher.look()
    if (this.#failure instanceof StorageAway) this.#failure = undefined
  }

  // What arrives while the disk is busy is committed together when it is free: no timer decides.
  async #commitWaiting() {
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_BATCH_REQUESTS))
    this.#committing = undefined
  }

  async #commit(waiting: readonly Waiting<E>[]) {
    try {
      const { outcomes, unanswered } = await this.#store(waiting.map(({ request }) => request))
      if (unanswered) this.#answerLater(waiting, { outcomes, unanswered })
      else this.#answer(waiting, outcomes)
    } catch (error) {
      const failure = EventLogError.from(error)
      this.#failure = failure
      for (const { reject } of waiting) reject(failure)
    }
  }

  #answer(waiting: readonly Waiting<E>[], outcomes: readonly Outcome<E>[]) {
    this.#failure = undefined
    this.#publisher.publish(outcomes.flatMap((outcome) => ("entries" in outcome ? outcome.entries : [])))
    for (const [index, outcome] of outcomes.entries())
      if ("entries" in outcome) waiting[index]?.resolve({ entries: outcome.entries, head: this.head() })
      else waiting[index]?.reject(outcome.error)
  }

  // Those that come after it are refused at once or go on, and do not wait for what cannot be known yet.
  #answerLater(waiting: readonly Waiting<E>[], { outcomes, unanswered }: Stored<E> & { unanswered: Unanswered }) {
    const answered = unanswered.outcome.then((outcome) => {
      this.#unanswered.delete(answered)
      if (outcome === "committed") this.#answer(waiting, outcomes)
      else if (outcome === "aborted") this.#repeat(waiting)
      else for (const { reject } of waiting) reject(outcomeUnknown())
    })
    this.#unanswered.add(answered)
  }

  #repeat(waiting: readonly Waiting<E>[]) {
    for (const one of waiting)
      if (one.isRepeated)
        one.reject(new StorageAway("Nothing was written: the database was lost twice. Try again later."))
      else this.#waiting.push({ ...one, isRepeated: true })
    if (this.#waiting.length > 0) this.#committing ??= this.#commitWaiting()
  }

  async #store(requests: readonly AppendRequest<E>[]): Promise<Stored<E>> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#storeOnce(requests, { isFirst: tries === 1 })
      } catch (error) {
        if (!(error instanceof BatchLost)) throw error
        if (tries === MAX_TRIES)
          throw new StorageAway(`Nothing was written, in ${tries} tries: ${error.message}`, { cause: error })
      }
    }
  }

  async #storeOnce(requests: readonly AppendRequest<E>[], { isFirst }: { readonly isFirst: boolean }) {
    const base = await this.#storage.beginBatch({
      streams: streamsOf(requests),
      keys: requests.flatMap(({ key }) => (key ? [key.name] : [])),
      offsets: requests.flatMap(({ fence }) => (fence ? [fence.name] : [])),
    })
    if (base.seq !== this.head()) await this.#catchUpInside(base, { isFirst })
    const { outcomes, batch } = sealBatch(base, requests, this.#options)
    if (outcomes.some((outcome) => "entries" in outcome)) return { outcomes, unanswered: await base.commit(batch) }
    await base.abandon()
    return { outcomes }
  }

  // Others' entries come before those of the batch. They are read inside of it: once it is committed, nothing is left to
  // do that could fail.
  async #catchUpInside(base: OpenBatch, { isFirst }: { readonly isFirst: boolean }) {
    if (base.seq < this.head()) {
      await base.abandon()
      throw behind(base.seq, this.head())
    }
    if (!isFirst || base.seq - this.head() <= FAR_BEHIND) return this.#publisher.catchUp(base.read)
    await base.abandon()
    await this.#publisher.look()
    throw new BatchLost("Others had written too much to be read while they wait.")
  }
}

function streamsOf(requests: readonly AppendRequest<LogEvent>[]) {
  const names = requests.flatMap(({ events, streams = [] }) => [...events, ...streams].map(({ stream }) => stream))
  return [...new Set(names)]
}

function behind(seq: number, head: number) {
  return new EventLogError(
    "storage-unsuitable",
    `The storage ends at ${seq}, but ${head} was there already: it is another one, or was put back. Open the log anew.`,
  )
}

function outcomeUnknown() {
  return new EventLogError(
    "outcome-unknown",
    "The database went away in the middle of this commit and did not come back in time: whether it was written is not known. Read again when it is back, or repeat it under its key.",
  )
}

function closed() {
  return new EventLogError("log-closed", "The log is closed.")
}

function crowded() {
  return new EventLogError("storage-failed", `${MAX_WAITING} appends wait for the storage already: try again later.`)
}
