import pg from "pg"
import { EventLogError } from "./event-log-error.ts"
import { CONNECT_WITHIN, clientConfig } from "./postgres-connection.ts"
import { toStorageError } from "./postgres-error.ts"
import { toQueryText, toValues } from "./postgres-values.ts"
import type { Statement } from "./statement.ts"
import { StorageAway } from "./storage-away.ts"

const MAX_WAITING = 1000
const ANSWER_WITHIN = 30_000

/** Reads, on a few connections that are made when they are needed. */
export class PostgresReader {
  readonly #pool: pg.Pool

  constructor({ url, connections }: { readonly url: string; readonly connections: number }) {
    this.#pool = new pg.Pool({
      ...clientConfig(url),
      max: connections,
      // Also how long a read waits for a connection that is free.
      connectionTimeoutMillis: CONNECT_WITHIN,
      query_timeout: ANSWER_WITHIN,
    })
    // The pool forgets an idle connection that was lost, and makes another.
    this.#pool.on("error", () => {})
  }

  /** A connection may have been lost without a word since it was used: a read is tried twice. */
  async query<Row extends pg.QueryResultRow>(statement: Statement): Promise<readonly Row[]> {
    try {
      return await this.#queryOnce<Row>(statement)
    } catch (error) {
      if (!(error instanceof StorageAway)) throw error
      return this.#queryOnce<Row>(statement)
    }
  }

  async close() {
    await this.#pool.end()
  }

  async #queryOnce<Row extends pg.QueryResultRow>({ sql, parameters }: Statement) {
    if (this.#pool.waitingCount >= MAX_WAITING)
      throw new EventLogError("storage-failed", `${MAX_WAITING} reads wait for the database already: try again later.`)
    try {
      return (await this.#pool.query<Row>(toQueryText(sql), toValues(parameters))).rows
    } catch (error) {
      throw toStorageError(error)
    }
  }
}
