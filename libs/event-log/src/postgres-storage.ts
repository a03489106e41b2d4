import { postgresDialect } from "./dialect.ts"
import type { StoredEvent } from "./encode-event.ts"
import type { KeyRecord, Offset, StorageDescription } from "./event-log.ts"
import { EventLogError } from "./event-log-error.ts"
import { fillPage } from "./fill-page.ts"
import { batchStatements } from "./postgres-batch-statements.ts"
import { PostgresConnection } from "./postgres-connection.ts"
import { toStorageError } from "./postgres-error.ts"
import { pageStatement } from "./postgres-page.ts"
import type { PostgresReader } from "./postgres-reader.ts"
import { type StreamRow, streamsStatement, toStreamStates } from "./postgres-streams.ts"
import { watchLog } from "./postgres-watch.ts"
import type { PostgresTransaction, PostgresWriter } from "./postgres-writer.ts"
import { queryStatement, toRow } from "./row-statements.ts"
import type { BatchNames, OpenBatch, PageOptions, SealedBatch, Storage, StreamState } from "./storage.ts"
import { StreamCache } from "./stream-cache.ts"
import type { RowQuery, Table } from "./table.ts"

export interface PostgresStorageOptions {
  readonly url: string
  readonly writer: PostgresWriter
  readonly reader: PostgresReader
  readonly opened: OpenedDatabase
  readonly onFailed: ((error: EventLogError) => void) | undefined
}

/** The database as it was when it was opened. */
export interface OpenedDatabase {
  readonly connection: PostgresConnection
  readonly head: number
  readonly models: number
  readonly channel: string
}

/** One of several that write to the same database: what it knows of streams holds as long as nobody else has written. */
export class PostgresStorage implements Storage {
  readonly #options: PostgresStorageOptions
  readonly #streams = new StreamCache()
  /** Where the log stood when the cached streams were read. */
  #cachedAt = 0
  #watch: { close(): Promise<void> } | undefined
  #absence: EventLogError | undefined
  #replaced: EventLogError | undefined

  constructor(options: PostgresStorageOptions) {
    this.#options = options
  }

  describe(): StorageDescription {
    const { version, encoding, fsync, synchronousCommit, fullPageWrites } = this.#options.opened.connection.settings
    const { code, message } = this.#replaced ?? this.#absence ?? {}
    return {
      engine: "postgres",
      version,
      durable: true,
      settings: { encoding, fsync, synchronousCommit, fullPageWrites },
      ...(code && message ? { failure: { code, message } } : {}),
    }
  }

  head() {
    return this.#options.opened.head
  }

  watch(look: (seq?: number) => Promise<void>) {
    const { url, opened } = this.#options
    this.#watch = watchLog({
      look,
      channel: opened.channel,
      connect: () => PostgresConnection.open(url),
      report: (error) => {
        this.#absence = error === undefined ? undefined : toStorageError(error)
      },
    })
  }

  async beginBatch(names: BatchNames): Promise<OpenBatch> {
    if (this.#replaced) throw this.#replaced
    const transaction = await this.#options.writer.begin()
    const { seq, models } = transaction.present
    if (models !== this.#options.opened.models) await this.#giveUp(transaction)
    const [known, keys, offsets] = await Promise.all([
      this.#streamsInside(transaction, names.streams),
      names.keys.length > 0 ? keysInside(transaction, names.keys) : new Map<string, KeyRecord>(),
      names.offsets.length > 0 ? offsetsInside(transaction, names.offsets) : new Map<string, number>(),
    ])
    return {
      seq,
      headOf: (stream: string) => known.get(stream)?.head,
      foldOf: (fold: string, stream: string) => known.get(stream)?.folds.get(fold),
      keyOf: (name: string) => keys.get(name),
      offsetOf: (name: string) => offsets.get(name),
      read: async (options) => toPage(await transaction.query<StoredRow>(pageStatement(options)), options),
      commit: (batch) => this.#commit(transaction, batch, known),
      abandon: () => transaction.rollback(),
    }
  }

  async read(options: PageOptions) {
    return toPage(await this.#options.reader.query<StoredRow>(pageStatement(options)), options)
  }

  async stream(stream: string): Promise<StreamState> {
    const rows = await this.#options.reader.query<StreamRow>(streamsStatement([stream]))
    return toStreamStates([stream], rows).get(stream) ?? { head: undefined, folds: new Map() }
  }

  async offset(name: string) {
    const [row] = await this.#options.reader.query<OffsetRow>(offsetsStatement([name]))
    return row?.position
  }

  async key(name: string) {
    const [row] = await this.#options.reader.query<KeyRow>(keysStatement([name]))
    return row && toKeyRecord(row)
  }

  async rows<T extends Table>(table: T, query: RowQuery<T>) {
    const rows = await this.#options.reader.query<Record<string, unknown>>(
      queryStatement(postgresDialect, table, query),
    )
    return rows.map((row) => toRow(table, row))
  }

  async close() {
    await this.#watch?.close()
    await this.#options.writer.close()
    await this.#options.reader.close()
  }

  async #commit(transaction: PostgresTransaction, batch: SealedBatch, known: ReadonlyMap<string, StreamState>) {
    const last = batch.events.at(-1)
    const { channel } = this.#options.opened
    const notice = last ? [{ sql: "SELECT pg_notify(?, ?)", parameters: [channel, String(last.seq)] }] : []
    const unanswered = await transaction.commit([...batchStatements(batch), ...notice], last)
    if (unanswered || last === undefined) return unanswered
    this.#streams.advance(batch, known)
    this.#cachedAt = last.seq
    return undefined
  }

  async #streamsInside(transaction: PostgresTransaction, names: readonly string[]) {
    if (transaction.present.seq !== this.#cachedAt) this.#streams.clear()
    this.#cachedAt = transaction.present.seq
    const cached = names.flatMap((name) => {
      const state = this.#streams.get(name)
      return state ? [[name, state] as const] : []
    })
    const missing = names.filter((name) => !cached.some(([known]) => known === name))
    const read =
      missing.length > 0
        ? toStreamStates(missing, await transaction.query<StreamRow>(streamsStatement(missing)))
        : new Map<string, StreamState>()
    for (const [name, state] of read) this.#streams.keep(name, state)
    return new Map([...cached, ...read])
  }

  // Its own models would write rows into tables that are made for others.
  async #giveUp(transaction: PostgresTransaction): Promise<never> {
    await transaction.rollback()
    this.#replaced = new EventLogError(
      "storage-unsuitable",
      "Another process has opened the log with other read models and made them anew. Open it again, in the same version.",
    )
    this.#options.onFailed?.(this.#replaced)
    throw this.#replaced
  }
}

type StoredRow = StoredEvent & Record<string, unknown>
type KeyRow = KeyRecord & { readonly name: string }
type OffsetRow = Offset & Record<string, unknown>

function toPage(rows: readonly StoredEvent[], { limit, maxCharacters }: PageOptions) {
  return maxCharacters === undefined ? rows : fillPage(rows, { limit, maxCharacters })
}

function keysStatement(names: readonly string[]) {
  const sql = `SELECT name, fingerprint, seq, count, expires_at AS "expiresAt" FROM log_keys WHERE name = ANY(?)`
  return { sql, parameters: [names] }
}

async function keysInside(transaction: PostgresTransaction, names: readonly string[]) {
  const rows = await transaction.query<KeyRow & Record<string, unknown>>(keysStatement(names))
  return new Map(rows.map((row) => [row.name, toKeyRecord(row)]))
}

function offsetsStatement(names: readonly string[]) {
  return { sql: "SELECT name, position FROM log_offsets WHERE name = ANY(?)", parameters: [names] }
}

async function offsetsInside(transaction: PostgresTransaction, names: readonly string[]) {
  const rows = await transaction.query<OffsetRow>(offsetsStatement(names))
  return new Map(rows.map(({ name, position }) => [name, position]))
}

function toKeyRecord({ fingerprint, seq, count, expiresAt }: KeyRow): KeyRecord {
  return { fingerprint, seq, count, expiresAt }
}
