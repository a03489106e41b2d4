import { randomBytes } from "node:crypto"
import type { StoredEvent } from "./encode-event.ts"
import type { EventLog, KeyRecord, OpenLogOptions, StorageDescription, StreamHead } from "./event-log.ts"
import { fillPage } from "./fill-page.ts"
import { LogEngine } from "./log-engine.ts"
import type { LogEvent } from "./log-event.ts"
import { applyToRows, selectRows } from "./match-rows.ts"
import { checkModels } from "./read-model.ts"
import type { PageOptions, SealedBatch, Storage } from "./storage.ts"
import type { Row, RowQuery, Table } from "./table.ts"

/** A log that is gone with the process: for tests, and for embedders who want no file. */
export function openMemoryLog<E extends LogEvent>({
  models = [],
  random = randomBytes,
}: OpenLogOptions<E> = {}): EventLog<E> {
  checkModels(models)
  return new LogEngine<E>(new MemoryStorage(), { models, random })
}

export class MemoryStorage implements Storage {
  readonly #events: StoredEvent[] = []
  readonly #streams = new Map<string, { head: StreamHead | undefined; folds: Map<string, unknown> }>()
  readonly #offsets = new Map<string, number>()
  readonly #keys = new Map<string, KeyRecord>()
  readonly #tables = new Map<string, Map<string, Readonly<Record<string, unknown>>>>()

  describe(): StorageDescription {
    return { engine: "memory", version: process.versions.node, durable: false, settings: {} }
  }

  head() {
    return this.#events.length
  }

  async beginBatch() {
    return {
      seq: this.#events.length,
      headOf: (stream: string) => this.#streams.get(stream)?.head,
      foldOf: (fold: string, stream: string) => this.#streams.get(stream)?.folds.get(fold),
      keyOf: (name: string) => this.#keys.get(name),
      offsetOf: (name: string) => this.#offsets.get(name),
      read: (options: PageOptions) => this.read(options),
      commit: async (batch: SealedBatch) => {
        this.#apply(batch)
        return undefined
      },
      abandon: async () => {},
    }
  }

  async read({ stream, types, direction, after = 0, before = Number.POSITIVE_INFINITY, ...bounds }: PageOptions) {
    const range = this.#events.slice(after, Math.max(0, Math.min(before - 1, this.#events.length)))
    if (direction === "backward") range.reverse()
    const wanted = range.filter(
      (event) => (stream === undefined || event.stream === stream) && (types?.includes(event.type) ?? true),
    )
    return fillPage(wanted, bounds)
  }

  async stream(stream: string) {
    return {
      head: this.#streams.get(stream)?.head,
      folds: this.#streams.get(stream)?.folds ?? new Map<string, unknown>(),
    }
  }

  async offset(name: string) {
    return this.#offsets.get(name)
  }

  async key(name: string) {
    return this.#keys.get(name)
  }

  async rows<T extends Table>(table: T, query: RowQuery<T>) {
    return selectRows(this.#rowsOf(table).values() as Iterable<Row<T>>, table, query)
  }

  async close() {}

  #apply({ events, streams, folds, operations, offsets, keys }: SealedBatch) {
    this.#events.push(...events)
    for (const [stream, head] of streams) this.#streamOf(stream).head = head
    for (const { fold, stream, state } of folds) this.#streamOf(stream).folds.set(fold, state)
    for (const operation of operations) applyToRows(this.#rowsOf(operation.table), operation)
    for (const { name, position } of offsets) this.#offsets.set(name, position)
    for (const { name, at, ...record } of keys) {
      for (const [known, { expiresAt }] of this.#keys) if (expiresAt <= at) this.#keys.delete(known)
      this.#keys.set(name, record)
    }
  }

  #streamOf(stream: string) {
    const known = this.#streams.get(stream) ?? { head: undefined, folds: new Map<string, unknown>() }
    this.#streams.set(stream, known)
    return known
  }

  #rowsOf({ name }: Table) {
    const rows = this.#tables.get(name) ?? new Map<string, Readonly<Record<string, unknown>>>()
    this.#tables.set(name, rows)
    return rows
  }
}
