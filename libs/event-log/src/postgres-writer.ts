import { BatchLost } from "./batch-lost.ts"
import { PostgresConnection } from "./postgres-connection.ts"
import { isCertainRefusal, isCollision, isLostConnection, toStorageError } from "./postgres-error.ts"
import { takeLock } from "./postgres-lock.ts"
import { type FindOutcomeOptions, findOutcome, type Trace } from "./postgres-outcome.ts"
import type { Statement } from "./statement.ts"
import type { Unanswered } from "./storage.ts"

/** Where the log stands, seen under its lock. */
interface Present {
  readonly transaction: string
  readonly seq: number
  /** How often the read models have been made anew. */
  readonly models: number
}

/** The one writing session of this process; made anew when it was lost. */
export class PostgresWriter {
  readonly #options: FindOutcomeOptions
  #connection: PostgresConnection

  constructor(connection: PostgresConnection, options: FindOutcomeOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Begins a transaction that has the lock. */
  async begin(): Promise<PostgresTransaction> {
    const connection = await this.#connected()
    try {
      const [present] = await connection.script<Present>([begin, takeLock, presentQuery])
      return new PostgresTransaction(connection, present as Present, this.#options)
    } catch (error) {
      connection.cut()
      throw toBatchError(error)
    }
  }

  async close() {
    this.#connection.cut()
    await this.#connection.ended
  }

  async #connected() {
    if (this.#connection.isAlive) return this.#connection
    try {
      this.#connection = await PostgresConnection.open(this.#options.url)
      return this.#connection
    } catch (error) {
      throw toStorageError(error)
    }
  }
}

/** One transaction of the writer, from the lock to its end. */
export class PostgresTransaction {
  readonly present: Present
  readonly #connection: PostgresConnection
  readonly #options: FindOutcomeOptions

  constructor(connection: PostgresConnection, present: Present, options: FindOutcomeOptions) {
    this.#connection = connection
    this.present = present
    this.#options = options
  }

  async query<Row extends Record<string, unknown>>(statement: Statement) {
    try {
      return await this.#connection.query<Row>(statement)
    } catch (error) {
      this.#connection.cut()
      throw toBatchError(error)
    }
  }

  /** Durable when it resolves with nothing. Rejects when nothing was written. */
  async commit(statements: readonly Statement[], last?: Trace["last"]): Promise<Unanswered | undefined> {
    await this.#write(statements)
    const answer = await this.#connection.command("COMMIT").catch((error: unknown) => ({ error }))
    if (answer === "COMMIT") return undefined
    this.#connection.cut()
    if (answer === "ROLLBACK") throw new BatchLost("The database rolled back instead of committing.")
    const cause = typeof answer === "object" ? answer?.error : undefined
    if (isCertainRefusal(cause)) throw toBatchError(cause)
    return { outcome: findOutcome({ transaction: this.present.transaction, last }, this.#options) }
  }

  /** Sent together and answered one by one. COMMIT waits for the answers: what it commits is then known to be whole. */
  async #write(statements: readonly Statement[]) {
    const answers = await Promise.allSettled(statements.map((statement) => this.#connection.query(statement)))
    const failed = answers.find((answer) => answer.status === "rejected")
    if (failed === undefined) return
    this.#connection.cut()
    throw toBatchError(failed.reason)
  }

  async rollback() {
    // Whatever comes of it: a connection that is lost has rolled back.
    await this.#connection.command("ROLLBACK").catch(() => this.#connection.cut())
  }
}

// In this order, each with a view of its own: what is asked is what is committed when the lock is had. A transaction
// has a number only when it writes or asks for one.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
const presentQuery = `SELECT pg_current_xact_id()::text AS transaction,
  (SELECT COALESCE(MAX(seq), 0) FROM log_events) AS seq,
  (SELECT models FROM log_meta) AS models`

/** Before COMMIT was sent: nothing of the batch can be there. */
function toBatchError(error: unknown) {
  if (isLostConnection(error) || isCollision(error))
    return new BatchLost("The transaction was undone by others, or its connection was lost.", { cause: error })
  return toStorageError(error)
}
