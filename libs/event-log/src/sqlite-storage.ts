import Database from "better-sqlite3"
import { sqliteDialect } from "./dialect.ts"
import type { StoredEvent } from "./encode-event.ts"
import type { KeyRecord, StorageDescription } from "./event-log.ts"
import { fillPage } from "./fill-page.ts"
import { foldStatement } from "./fold-statement.ts"
import { pageConditions } from "./page-conditions.ts"
import { operationStatement, queryStatement, toRow } from "./row-statements.ts"
import type { WriterThread } from "./sqlite-writer-thread.ts"
import type { Statement } from "./statement.ts"
import type { BatchNames, PageOptions, SealedBatch, Storage, StreamState } from "./storage.ts"
import { StreamCache } from "./stream-cache.ts"
import type { RowQuery, Table } from "./table.ts"

interface StreamRow {
  readonly seq: number
  readonly hash: string
  readonly salt: string
}

/** Writes through the writer thread, reads through a read-only connection of its own. */
export class SqliteStorage implements Storage {
  readonly #writer: WriterThread
  readonly #reader: Database.Database
  readonly #prepared = new Map<string, Database.Statement>()
  readonly #streams = new StreamCache()
  #head: number

  constructor(path: string, writer: WriterThread) {
    this.#writer = writer
    this.#reader = new Database(path, { readonly: true })
    this.#reader.pragma("trusted_schema = OFF")
    this.#head = Number(this.#statement("SELECT COALESCE(MAX(seq), 0) AS head FROM log_events").pluck().get())
  }

  describe(): StorageDescription {
    const { version, journalMode, synchronous } = this.#writer.settings
    const { code, message } = this.#writer.failure ?? {}
    const failure = code && message ? { failure: { code, message } } : {}
    return { engine: "sqlite", version, durable: true, settings: { journalMode, synchronous }, ...failure }
  }

  head() {
    return this.#head
  }

  async beginBatch({ streams, ...names }: BatchNames) {
    const keys = new Map(names.keys.map((name) => [name, this.#key(name)]))
    const offsets = new Map(names.offsets.map((name) => [name, this.#offset(name)]))
    const known = new Map(streams.map((stream) => [stream, this.#streamState(stream)]))
    return {
      seq: this.#head,
      headOf: (stream: string) => known.get(stream)?.head,
      foldOf: (fold: string, stream: string) => known.get(stream)?.folds.get(fold),
      keyOf: (name: string) => keys.get(name),
      offsetOf: (name: string) => offsets.get(name),
      read: (options: PageOptions) => this.read(options),
      commit: (batch: SealedBatch) => this.#commit(batch, known),
      abandon: async () => {},
    }
  }

  async read({ direction, limit, maxCharacters, ...which }: PageOptions) {
    const { sql: where, parameters: conditions } = pageConditions(sqliteDialect, which)
    const sql = `SELECT e.seq, s.name AS stream, e.type, e.head, e.data, lower(hex(e.hash)) AS hash
      FROM log_events e JOIN log_streams s ON s.id = e.stream ${where}
      ORDER BY e.seq ${direction === "forward" ? "ASC" : "DESC"} LIMIT ?`
    const [statement, parameters] = [this.#statement(sql), [...conditions, limit]]
    if (maxCharacters === undefined) return statement.all(...parameters) as StoredEvent[]
    return fillPage(statement.iterate(...parameters) as Iterable<StoredEvent>, { limit, maxCharacters })
  }

  async stream(stream: string) {
    return this.#streamState(stream)
  }

  async offset(name: string) {
    return this.#offset(name)
  }

  async key(name: string) {
    return this.#key(name)
  }

  async rows<T extends Table>(table: T, query: RowQuery<T>) {
    const { sql, parameters } = queryStatement(sqliteDialect, table, query)
    return this.#statement(sql)
      .all(...parameters)
      .map((row) => toRow(table, row as Record<string, unknown>))
  }

  async close() {
    // The last one that closes moves all pages into the database, which a disk that has failed is not asked for; the
    // reader cannot.
    if (this.#writer.failure) await this.#writer.close()
    this.#reader.close()
    await this.#writer.close()
  }

  async #commit(batch: SealedBatch, known: ReadonlyMap<string, StreamState>) {
    await this.#writer.transaction(batchStatements(batch))
    this.#head = batch.events.at(-1)?.seq ?? this.#head
    this.#streams.advance(batch, known)
    return undefined
  }

  #key(name: string) {
    const sql = "SELECT fingerprint, seq, count, expires_at AS expiresAt FROM log_keys WHERE name = ?"
    return this.#statement(sql).get(name) as KeyRecord | undefined
  }

  #offset(name: string) {
    return this.#statement("SELECT position FROM log_offsets WHERE name = ?").pluck().get(name) as number | undefined
  }

  #streamState(stream: string): StreamState {
    return (
      this.#streams.get(stream) ??
      this.#streams.keep(stream, this.#reader.transaction(() => this.#readStream(stream))())
    )
  }

  #readStream(stream: string): StreamState {
    const head = this.#statement(
      "SELECT seq, lower(hex(hash)) AS hash, lower(hex(salt)) AS salt FROM log_streams WHERE name = ?",
    ).get(stream)
    const folds = this.#statement(foldsQuery).all(stream) as {
      fold: string
      state: string
    }[]
    return {
      head: head as StreamRow | undefined,
      folds: new Map(folds.map(({ fold, state }) => [fold, JSON.parse(state) as unknown])),
    }
  }

  #statement(sql: string) {
    const statement = this.#prepared.get(sql) ?? this.#reader.prepare(sql)
    this.#prepared.set(sql, statement)
    return statement
  }
}

function batchStatements({ events, streams, folds, operations, offsets, keys }: SealedBatch): Statement[] {
  return [
    ...[...streams].map(([name, { seq, hash, salt }]) => ({ sql: upsertStream, parameters: [name, seq, hash, salt] })),
    ...events.map(({ seq, stream, type, head, data, hash }) => ({
      sql: insertEvent,
      parameters: [seq, stream, type, head, data, hash],
    })),
    ...folds.map(foldStatement),
    ...operations.map((operation) => operationStatement(sqliteDialect, operation)),
    ...offsets.map(({ name, position }) => ({ sql: upsertOffset, parameters: [name, position] })),
    ...keys.map(({ at }) => ({ sql: "DELETE FROM log_keys WHERE expires_at <= ?", parameters: [at] })),
    ...keys.map(({ name, fingerprint, seq, count, expiresAt }) => ({
      sql: insertKey,
      parameters: [name, fingerprint, seq, count, expiresAt],
    })),
  ]
}

const upsertStream = `INSERT INTO log_streams (name, seq, hash, salt) VALUES (?, ?, unhex(?), unhex(?))
  ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`
const insertEvent = `INSERT INTO log_events (seq, stream, type, head, data, hash)
  VALUES (?, (SELECT id FROM log_streams WHERE name = ?), ?, ?, ?, unhex(?))`
const insertKey = "INSERT INTO log_keys (name, fingerprint, seq, count, expires_at) VALUES (?, ?, ?, ?, ?)"
const upsertOffset = `INSERT INTO log_offsets (name, position) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET position = excluded.position`
// By the names of the folds, which are the first part of the key: by the stream alone all states would be gone through.
const foldsQuery = "SELECT fold, state FROM log_folds WHERE fold IN (SELECT name FROM log_models) AND stream = ?"
