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

/** What a transaction has left if it was committed. */
export interface Trace {
  /** Its number. A database that has crashed gives it again, if nothing of it was on disk. */
  readonly transaction: string
  /** Its last event, which nobody else has: `hash` in hex. */
  readonly last?: { readonly seq: number; readonly hash: string } | undefined
}

/**
 * What became of a transaction whose COMMIT got no answer. It may be at work still: it holds the log's lock until it has
 * ended, so who has the lock after it can ask, and the answer is final.
 */
export async function findOutcome(trace: Trace, { url, outcomeWithin }: FindOutcomeOptions) {
  const deadline = performance.now() + outcomeWithin
  while (performance.now() < deadline) {
    const outcome = await askOnce(trace, { url, outcomeWithin: deadline - performance.now() })
    if (outcome !== undefined) return outcome
    await pause(RETRY_AFTER)
  }
  return "unknown"
}

async function askOnce(trace: Trace, { url, outcomeWithin }: FindOutcomeOptions) {
  let connection: PostgresConnection | undefined
  try {
    connection = await PostgresConnection.open(url)
    const [row] = await connection.script<{ readonly status: string | null }>([takeLock, questionOf(trace)], {
      answerWithin: Math.max(1, outcomeWithin),
    })
    return row?.status === "committed" || row?.status === "aborted" ? row.status : undefined
  } catch (error) {
    if (isOfTheFuture(error)) return "aborted"
    // Away, or starting up, or the lock is taken for long: it is asked again until there is no more time.
    return undefined
  } finally {
    connection?.cut()
  }
}

// By the event wherever there is one. What has none moves offsets only, and who follows them does something twice at most.
function questionOf({ transaction, last }: Trace) {
  if (last === undefined) return `SELECT pg_xact_status('${transaction}') AS status`
  return `SELECT CASE WHEN EXISTS (SELECT FROM log_events WHERE seq = ${last.seq} AND hash = '\\x${last.hash}')
    THEN 'committed' ELSE 'aborted' END AS status`
}

/** The number was not given yet, in the life after a crash: nothing of the transaction was on disk. */
function isOfTheFuture(error: unknown) {
  return error instanceof Error && "code" in error && error.code === "22023"
}
