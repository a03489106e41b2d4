import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { SessionEvent, SessionStatus } from "@aegis/session-core/events"

type Entries = readonly LogEntry<SessionEvent>[]

export interface ReadFeedOptions {
  readonly aegis: Aegis
  /** Only this session's events. */
  readonly sessionId?: string | undefined
  /** The last `seq` that the reader has. */
  readonly after: number
  /** When the reader's credential ends, in milliseconds since the epoch; absent: not by itself. */
  readonly expiresAt?: number | undefined
  readonly heartbeatMs: number
  /** The reader is gone. */
  readonly left: AbortSignal
  /** The server is going down. */
  readonly shutdown: AbortSignal
}

/** What a reader is told, in whatever form its stream has (spec/events.md, Streams). */
export type FeedItem =
  | { readonly type: "events"; readonly entries: Entries }
  /** The cursor is not in the log: what lies between is not to be had. */
  | { readonly type: "gap"; readonly from: number; readonly to: number }
  /** Nothing has happened; the hash is known when the reader has the whole stream up to there. */
  | { readonly type: "heartbeat"; readonly seq: number; readonly hash?: string | undefined }
  | { readonly type: "bye"; readonly reason: "session-ended" | "token-expired" | "shutdown" }

/** What comes after a cursor, then live. A reader is a cursor: nothing is read for it while it takes nothing. */
export async function* readFeed(options: ReadFeedOptions): AsyncGenerator<FeedItem, void, undefined> {
  const { aegis, sessionId, after, heartbeatMs, left, shutdown, expiresAt = Number.POSITIVE_INFINITY } = options
  const head = aegis.head()
  const cursor = Math.min(after, head)
  if (after > head) yield { type: "gap", from: after, to: head }
  const signal = AbortSignal.any([left, shutdown])
  const tail = new PatientTail(aegis.tail({ after: cursor, signal, ...(sessionId === undefined ? {} : { sessionId }) }))
  let last: Position = await positionAt(aegis, sessionId, cursor)
  while (!left.aborted) {
    if (sessionId !== undefined && mayBeOver(last) && (await aegis.isOver(sessionId, last.seq)))
      return void (yield { type: "bye", reason: "session-ended" })
    const entries = await tail.next(Math.min(heartbeatMs, expiresAt - Date.now()))
    if (entries === "ended") return left.aborted ? undefined : void (yield { type: "bye", reason: "shutdown" })
    if (entries !== "quiet") {
      last = entries.at(-1)?.event ?? last
      yield { type: "events", entries }
    } else if (Date.now() >= expiresAt) return void (yield { type: "bye", reason: "token-expired" })
    else if (sessionId === undefined) yield { type: "heartbeat", seq: aegis.head() }
    else yield { type: "heartbeat", seq: last.seq, hash: last.hash }
  }
}

/** Where a reader stands. */
interface Position {
  readonly seq: number
  readonly hash?: string | undefined
  readonly status?: SessionStatus
}

// Before the first event of this reader nothing is known of the session: then it is looked up.
function mayBeOver({ status }: Position) {
  return status === undefined || status === "killed" || status === "completed" || status === "crashed"
}

async function positionAt(aegis: Aegis, sessionId: string | undefined, cursor: number): Promise<Position> {
  const head = sessionId === undefined ? undefined : await aegis.streamHead(sessionId)
  return head && head.seq <= cursor ? { seq: cursor, hash: head.hash } : { seq: cursor }
}

/** A tail that can be waited for with a time-out, and lost nothing by it. */
class PatientTail {
  readonly #tail: AsyncGenerator<Entries>
  #next: Promise<IteratorResult<Entries>> | undefined

  constructor(tail: AsyncGenerator<Entries>) {
    this.#tail = tail
  }

  async next(waitMs: number) {
    this.#next ??= this.#tail.next()
    const result = await within(this.#next, Math.max(0, waitMs))
    if (result === "quiet") return result
    this.#next = undefined
    return result.done ? "ended" : result.value
  }
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | "quiet"> {
  let timer: NodeJS.Timeout | undefined
  const quiet = new Promise<"quiet">((resolve) => {
    timer = setTimeout(() => resolve("quiet"), milliseconds)
  })
  try {
    return await Promise.race([promise, quiet])
  } finally {
    clearTimeout(timer)
  }
}
