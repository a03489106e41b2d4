import { setTimeout as pause } from "node:timers/promises"
import type { PostgresConnection } from "./postgres-connection.ts"
import { takeLock } from "./postgres-lock.ts"

/** Between two attempts to reach a server that is away. */
const RETRY_AFTER = 200

export interface FindOutcomeOptions {
  connect(): Promise<PostgresConnection>
  /** Milliseconds; then it is not known. */
  readonly within: number
}

/**
 * What became of a transaction whose COMMIT got no answer. It may be at work still: it holds the log's lock until it has
 * ended, so who has the lock after it can ask, and the answer is final.
 */
export async function findOutcome(transaction: string, { connect, within }: FindOutcomeOptions) {
  const deadline = performance.now() + within
  while (performance.now() < deadline) {
    const outcome = await askOnce(transaction, { connect, within: deadline - performance.now() })
    if (outcome !== undefined) return outcome
    await pause(RETRY_AFTER)
  }
  return undefined
}

async function askOnce(transaction: string, { connect, within }: FindOutcomeOptions) {
  let connection: PostgresConnection | undefined
  try {
    connection = await connect()
    const [row] = await connection.script<{ readonly status: string | null }>(
      [takeLock, `SELECT pg_xact_status('${transaction}') AS status`],
      { answerWithin: Math.max(1, within) },
    )
    return row?.status === "committed" || row?.status === "aborted" ? row.status : undefined
  } catch {
    // Away, or starting up, or the lock is taken for long: it is asked again until there is no more time.
    return undefined
  } finally {
    connection?.cut()
  }
}
