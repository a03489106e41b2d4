import { checkedOperation } from "./check-operation.ts"
import { encodeEvent, type StoredEvent, toEntry } from "./encode-event.ts"
import type { AppendKey, AppendRequest, LogEntry, Offset, StreamExpectation, StreamHead } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import type { LogEvent } from "./log-event.ts"
import type { ReadModel } from "./read-model.ts"
import { EMPTY_HASH, nextHash } from "./rolling-hash.ts"
import type { BatchBase, FoldWrite, KeyWrite, SealedBatch } from "./storage.ts"
import type { RowOperation } from "./table.ts"

export interface SealOptions<E extends LogEvent> {
  readonly models: readonly ReadModel<E>[]
  readonly random: (size: number) => Uint8Array
}

/** What became of a request. */
export type Outcome<E extends LogEvent> =
  | { readonly entries: readonly LogEntry<E>[] }
  | { readonly error: EventLogError }

/**
 * Numbers, encodes and hashes the events of the requests, and works out what follows from them, on top of `base`.
 * A request that cannot be honoured is left out as a whole; the others go on as if it had never been made.
 */
export function sealBatch<E extends LogEvent>(
  base: BatchBase,
  requests: readonly AppendRequest<E>[],
  options: SealOptions<E>,
) {
  const sealing = new Sealing<E>(base, options)
  const outcomes = requests.map((request) => outcomeOf(sealing, request))
  return { outcomes, batch: sealing.toBatch() }
}

function outcomeOf<E extends LogEvent>(sealing: Sealing<E>, request: AppendRequest<E>): Outcome<E> {
  const trial = sealing.fork()
  try {
    const entries = trial.add(request)
    sealing.adopt(trial)
    return { entries }
  } catch (error) {
    return { error: EventLogError.is(error) ? error : refusal(error) }
  }
}

function refusal(error: unknown) {
  const message = error instanceof Error ? error.message : String(error)
  return new EventLogError("event-invalid", `The events could not be recorded: ${message}`, { cause: error })
}

/** A batch in the making; itself a base for a trial of one more request. */
class Sealing<E extends LogEvent> implements BatchBase {
  readonly #base: BatchBase
  readonly #options: SealOptions<E>
  readonly #events: StoredEvent[] = []
  readonly #operations: RowOperation[] = []
  readonly #offsets = new Map<string, Offset>()
  readonly #streams = new Map<string, StreamHead>()
  readonly #folds = new Map<string, FoldWrite>()
  readonly #keys = new Map<string, KeyWrite>()
  seq: number

  constructor(base: BatchBase, options: SealOptions<E>) {
    this.#base = base
    this.#options = options
    this.seq = base.seq
  }

  headOf(stream: string) {
    return this.#streams.get(stream) ?? this.#base.headOf(stream)
  }

  foldOf(fold: string, stream: string) {
    const write = this.#folds.get(foldKey(fold, stream))
    return write ? write.state : this.#base.foldOf(fold, stream)
  }

  keyOf(name: string) {
    return this.#keys.get(name) ?? this.#base.keyOf(name)
  }

  offsetOf(name: string) {
    return this.#offsets.get(name)?.position ?? this.#base.offsetOf(name)
  }

  fork() {
    return new Sealing<E>(this, this.#options)
  }

  adopt(trial: Sealing<E>) {
    this.seq = trial.seq
    for (const event of trial.#events) this.#events.push(event)
    for (const operation of trial.#operations) this.#operations.push(operation)
    for (const [name, offset] of trial.#offsets) this.#offsets.set(name, offset)
    for (const [stream, head] of trial.#streams) if (head.seq > 0) this.#streams.set(stream, head)
    for (const [key, write] of trial.#folds) this.#folds.set(key, write)
    for (const [name, write] of trial.#keys) this.#keys.set(name, write)
  }

  add({ events, streams = [], offsets = [], key, fence }: AppendRequest<E>) {
    if (fence) this.#pass(fence)
    if (key) this.#take(key, events.length)
    for (const expectation of streams) this.#expect(expectation)
    for (const offset of offsets) this.#keep(offset)
    return events.map(({ stream, event }) => this.#record(stream, event))
  }

  toBatch(): SealedBatch {
    return {
      events: this.#events,
      streams: this.#streams,
      folds: [...this.#folds.values()],
      operations: this.#operations,
      offsets: [...this.#offsets.values()],
      keys: [...this.#keys.values()],
    }
  }

  #pass(fence: Offset) {
    const { name, position } = fence
    const passed = this.offsetOf(name) ?? 0
    if (passed > position) throw new EventLogError("fenced", `${name} is at ${passed} already: ${position} is over.`)
    this.#keep(fence)
  }

  #keep(offset: Offset) {
    this.#offsets.set(offset.name, checkedOffset(offset))
  }

  #take({ name, at, ...key }: AppendKey, count: number) {
    const known = this.keyOf(name)
    if (known && known.expiresAt > at)
      throw new EventLogError("key-used", `Key ${name} stands for ${known.count} events from ${known.seq} on already.`)
    this.#keys.set(checkedName(name), { ...key, name, at, seq: this.seq + 1, count })
  }

  #expect({ stream, expectedSeq, salt }: StreamExpectation) {
    const seq = this.headOf(stream)?.seq ?? 0
    if (expectedSeq !== undefined && seq !== expectedSeq)
      throw new EventLogError(
        "version-conflict",
        `Stream ${stream} is at ${seq}, not at ${expectedSeq}: read it again.`,
      )
    if (seq === 0 && salt !== undefined)
      this.#streams.set(checkedName(stream), { seq: 0, hash: EMPTY_HASH, salt: checkedSalt(salt) })
  }

  #record(stream: string, event: E): LogEntry<E> {
    const encoded = encodeEvent(this.seq + 1, event)
    const { hash: previous, salt } = this.headOf(stream) ?? { hash: EMPTY_HASH, salt: toHex(this.#options.random(16)) }
    const stored = {
      ...encoded,
      stream: checkedName(stream),
      type: event.type.toWellFormed(),
      hash: nextHash(previous, encoded, salt),
    }
    const entry = toEntry<E>(stored)
    this.seq = encoded.seq
    this.#events.push(stored)
    this.#streams.set(stream, { seq: encoded.seq, hash: stored.hash, salt })
    for (const model of this.#options.models) this.#apply(model, entry)
    return entry
  }

  #apply(model: ReadModel<E>, entry: LogEntry<E>) {
    if (model.type === "projection") {
      for (const operation of model.project(entry)) this.#operations.push(checkedOperation(operation))
      return
    }
    const before = this.foldOf(model.name, entry.stream)
    const state = model.evolve(before, entry.event)
    if (state !== before)
      this.#folds.set(foldKey(model.name, entry.stream), { fold: model.name, stream: entry.stream, state })
  }
}

function foldKey(fold: string, stream: string) {
  return `${fold} ${stream}`
}

// Engines would keep half a character as another one each, and so find what has another name.
function checkedName(name: string) {
  if (name.isWellFormed()) return name
  throw new EventLogError("event-invalid", `The name ${JSON.stringify(name)} has half a character in it.`)
}

function checkedOffset(offset: Offset) {
  checkedName(offset.name)
  if (Number.isSafeInteger(offset.position) && offset.position >= 0) return offset
  throw new EventLogError("event-invalid", `Offset ${offset.name} is a whole number from 0, not ${offset.position}.`)
}

function checkedSalt(salt: string) {
  if (/^[0-9a-f]{32}$/.test(salt)) return salt
  throw new EventLogError("event-invalid", "A stream's salt is 16 bytes as 32 lower-case hex digits.")
}

function toHex(bytes: Uint8Array) {
  return Buffer.from(bytes).toString("hex")
}
