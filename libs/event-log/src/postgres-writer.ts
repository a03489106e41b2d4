import { BatchLost } from "./batch-lost.ts"
import { EventLogError } from "./event-log-error.ts"
import { PostgresConnection } from "./postgres-connection.ts"
import { isCertainRefusal, isCollision, isLostConnection, toStorageError } from "./postgres-error.ts"
import { takeLock } from "./postgres-lock.ts"
import { findOutcome } from "./postgres-outcome.ts"
import type { Statement } from "./row-statements.ts"

export interface PostgresWriterOptions {
  readonly url: string
  /** How long it is tried to learn what became of a commit without an answer, in milliseconds. */
  readonly outcomeWithin: number
}

/** Where the log stands, seen under its lock. */
export interface Present {
  readonly transaction: string
  readonly seq: number
  /** How often the read models have been made anew. */
  readonly models: number
}

/** The one writing session of this process; made anew when it was lost. */
export class PostgresWriter {
  readonly #options: PostgresWriterOptions
  #connection: PostgresConnection

  constructor(connection: PostgresConnection, options: PostgresWriterOptions) {
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
    await this.#connection.close()
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
  readonly #options: PostgresWriterOptions

  constructor(connection: PostgresConnection, present: Present, options: PostgresWriterOptions) {
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

  /** Durable when it resolves. Rejects when nothing was written, or with `outcome-unknown`. */
  async commit(statements: readonly Statement[]) {
    await this.write(statements)
    const answer = await this.#connection.command("COMMIT").catch((error: unknown) => ({ error }))
    if (answer === "COMMIT") return
    this.#connection.cut()
    if (answer === "ROLLBACK")
      throw new EventLogError("storage-failed", "The database rolled back instead of committing.")
    const cause = typeof answer === "object" ? answer?.error : undefined
    if (isCertainRefusal(cause)) throw toBatchError(cause)
    await this.#settle(cause)
  }

  /** Sent together and answered one by one. COMMIT waits for the answers: what it commits is then known to be whole. */
  async write(statements: readonly Statement[]) {
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

  async #settle(cause: unknown) {
    const { url, outcomeWithin } = this.#options
    const outcome = await findOutcome(this.present.transaction, {
      connect: () => PostgresConnection.open(url),
      within: outcomeWithin,
    })
    if (outcome === "aborted") throw new BatchLost("The connection was lost, and the commit with it.", { cause })
    if (outcome === undefined) throw outcomeUnknown(outcomeWithin, cause)
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

function outcomeUnknown(within: number, cause: unknown) {
  return new EventLogError(
    "outcome-unknown",
    `The database went away in the middle of a commit and did not come back within ${within / 1000} s: whether this was written is not known. Read again when it is back, or repeat it under its key.`,
    { cause },
  )
}
