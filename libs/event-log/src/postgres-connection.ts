import { Socket } from "node:net"
import pg from "pg"
import { EventLogError } from "./event-log-error.ts"
import { type PostgresSettings, settingsQuery, unsuitableFor } from "./postgres-settings.ts"
import { toQueryText, toValues, types } from "./postgres-values.ts"
import type { Statement } from "./statement.ts"

/** How long a connection may take to be made. */
export const CONNECT_WITHIN = 5_000

/** Ends transactions whose owner has stopped in the middle: nobody else could write. */
const IDLE_IN_TRANSACTION = 10_000
const LOCK_TIMEOUT = 10_000

/** A server that does not answer for so long counts as away. */
const ANSWER_WITHIN = 20_000

interface Opened {
  readonly socket: Socket
  readonly settings: PostgresSettings
  readonly ended: Promise<void>
}

/** What all connections have in common. */
export function clientConfig(url: string) {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    fallback_application_name: "aegis-event-log",
    types,
  }
}

/** A session of its own: statements that are not awaited travel together, and are answered in their order. */
export class PostgresConnection {
  readonly settings: PostgresSettings
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
  readonly #client: pg.Client
  readonly #socket: Socket
  readonly #names = new Map<string, { readonly name: string; readonly text: string }>()
  #isAlive = true

  /** Fails with `storage-unsuitable` where a log could not be kept. */
  static async open(url: string) {
    const socket = new Socket()
    const client = new pg.Client({
      ...clientConfig(url),
      stream: () => socket,
      pipeline: true,
      lock_timeout: LOCK_TIMEOUT,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION,
    })
    const ended = new Promise<void>((resolve) => client.once("end", resolve))
    // Whoever waits for an answer is told; when nobody does, the next one finds it gone.
    client.on("error", () => {})
    try {
      await client.connect()
      const { rows } = await client.query<PostgresSettings>(settingsQuery)
      const settings = rows[0] as PostgresSettings
      const reason = unsuitableFor(settings)
      if (reason !== undefined) throw new EventLogError("storage-unsuitable", reason)
      return new PostgresConnection(client, { socket, settings, ended })
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  private constructor(client: pg.Client, { socket, settings, ended }: Opened) {
    this.#client = client
    this.#socket = socket
    this.settings = settings
    this.ended = ended
    client.on("error", () => {
      this.#isAlive = false
    })
    client.once("end", () => {
      this.#isAlive = false
    })
  }

  get isAlive() {
    return this.#isAlive
  }

  async query<Row extends pg.QueryResultRow>({ sql, parameters }: Statement): Promise<readonly Row[]> {
    // Named, so that the server reads and plans each text once.
    const known = this.#names.get(sql) ?? { name: `s${this.#names.size}`, text: toQueryText(sql) }
    this.#names.set(sql, known)
    const config = { ...known, values: toValues(parameters), query_timeout: ANSWER_WITHIN }
    return (await this.#client.query<Row>(config)).rows
  }

  /** The word by which the server says what it did; something else where it did not say. */
  async command(sql: string): Promise<string | null> {
    const config = { text: sql, query_timeout: ANSWER_WITHIN }
    return (await this.#client.query(config)).command
  }

  /** Several statements without parameters, in one go; gives what the last one gave. */
  async script<Row extends pg.QueryResultRow>(
    statements: readonly string[],
    { answerWithin = ANSWER_WITHIN } = {},
  ): Promise<readonly Row[]> {
    const config = { text: statements.join("; "), query_timeout: answerWithin }
    const results: unknown = await this.#client.query<Row>(config)
    const last = Array.isArray(results) ? (results.at(-1) as unknown) : results
    return (last as pg.QueryResult<Row>).rows
  }

  onNotification(listener: (payload: string) => void) {
    this.#client.on("notification", ({ payload = "" }) => listener(payload))
  }

  /** Cuts it off, whatever is underway in it. */
  cut() {
    this.#isAlive = false
    this.#socket.destroy()
  }
}
