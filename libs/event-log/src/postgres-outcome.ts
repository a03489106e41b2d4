import { setTimeout as pause } from "node:timers/promises"
import { PostgresConnection } from "./postgres-connection.ts"
import { takeLock } from "./postgres-lock.ts"

/** Between two attempts to reach a server that is away. */
const RETRY_AFTER = 200

export interface FindOutcomeOptions {
  readonly url: string
  /** How long it is tried, in milliseconds; then it is not known. */
  readonly outcomeWithin: number
}

/**
 * What became of a transaction whose COMMIT got no answer. It may be at work still: it holds the log's lock until it has
 * ended, so who has the lock after it can ask, and the answer is final.
 */
export async function findOutcome(transaction: string, { url, outcomeWithin }: FindOutcomeOptions) {
  const deadline = performance.now() + outcomeWithin
  while (performance.now() < deadline) {
    const outcome = await askOnce(transaction, { url, outcomeWithin: deadline - performance.now() })
    if (outcome !== undefined) return outcome
    await pause(RETRY_AFTER)
  }
  return "unknown"
}

async function askOnce(transaction: string, { url, outcomeWithin }: FindOutcomeOptions) {
  let connection: PostgresConnection | undefined
  try {
    connection = await PostgresConnection.open(url)
    const [row] = await connection.script<{ readonly status: string | null }>(
      [takeLock, `SELECT pg_xact_status('${transaction}') AS status`],
      { answerWithin: Math.max(1, outcomeWithin) },
    )
    return row?.status === "committed" || row?.status === "aborted" ? row.status : undefined
  } catch {
    // Away, or starting up, or the lock is taken for long: it is asked again until there is no more time.
    return undefined
  } finally {
    connection?.cut()
  }
}
