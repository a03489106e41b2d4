import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { SessionEvent, SessionStatus } from "@aegis/session-core/events"

export interface EventStreamsOptions {
  readonly aegis: Aegis
  /** The server is going down. */
  readonly shutdown: AbortSignal
  readonly heartbeatMs: number
}

export interface OpenStreamOptions {
  /** Only this session's events. */
  readonly sessionId?: string
  /** The last `seq` that the reader has. */
  readonly after: number
  /** When the reader's token ends, in milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Server-sent events from the log: what comes after the cursor, then live (spec/events.md, Streams). A reader is a
 * cursor: nothing is read for it while its socket is full.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions
  /** Live readers share an entry, so its frame is made once for all of them. */
  readonly #frames = new WeakMap<LogEntry<SessionEvent>, Uint8Array>()

  constructor(options: EventStreamsOptions) {
    this.#options = options
  }

  open(options: OpenStreamOptions): ReadableStream<Uint8Array> {
    const left = new AbortController()
    const frames = this.#frameChunks(options, left.signal)
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await frames.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel() {
          left.abort()
        },
      },
      { highWaterMark: 1 },
    )
  }

  async *#frameChunks(
    { sessionId, after, expiresAt }: OpenStreamOptions,
    left: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const { aegis, shutdown, heartbeatMs } = this.#options
    const head = aegis.head()
    const cursor = Math.min(after, head)
    yield encode(`retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n${after > head ? gapFrame(after, head) : ""}`)
    const signal = AbortSignal.any([left, shutdown])
    const reader = new StreamReader(
      aegis.tail({ after: cursor, signal, ...(sessionId === undefined ? {} : { sessionId }) }),
    )
    let last: Position = await positionAt(aegis, sessionId, cursor)
    while (!left.aborted) {
      if (sessionId !== undefined && mayBeOver(last) && (await aegis.isOver(sessionId, last.seq)))
        return void (yield byeFrame("session-ended"))
      const page = await reader.next(Math.min(heartbeatMs, expiresAt - Date.now()))
      if (page === "ended") return left.aborted ? undefined : void (yield byeFrame("shutdown"))
      if (page !== "quiet") {
        last = page.at(-1)?.event ?? last
        yield Buffer.concat(page.map((entry) => this.#frameOf(entry)))
      } else if (Date.now() >= expiresAt) return void (yield byeFrame("token-expired"))
      else yield heartbeat(sessionId === undefined ? { seq: aegis.head() } : last)
    }
  }

  #frameOf(entry: LogEntry<SessionEvent>) {
    const known = this.#frames.get(entry) ?? encode(`id: ${entry.seq}\nevent: ${entry.type}\ndata: ${entry.json}\n\n`)
    this.#frames.set(entry, known)
    return known
  }
}

/** Where a reader stands: the hash is known when it has the whole stream up to there. */
interface Position {
  readonly seq: number
  readonly hash?: string | undefined
  readonly status?: SessionStatus
}

// Before the first event of this reader nothing is known of the session: then it is looked up.
function mayBeOver({ status }: Position) {
  return status === undefined || status === "killed" || status === "completed" || status === "crashed"
}

/** A tail that can be waited for with a time-out, and lost nothing by it. */
class StreamReader {
  readonly #tail: AsyncGenerator<readonly LogEntry<SessionEvent>[]>
  #next: Promise<IteratorResult<readonly LogEntry<SessionEvent>[]>> | undefined

  constructor(tail: AsyncGenerator<readonly LogEntry<SessionEvent>[]>) {
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

async function positionAt(aegis: Aegis, sessionId: string | undefined, cursor: number): Promise<Position> {
  const head = sessionId === undefined ? undefined : await aegis.streamHead(sessionId)
  return head && head.seq <= cursor ? { seq: cursor, hash: head.hash } : { seq: cursor }
}

function gapFrame(from: number, to: number) {
  return `event: gap\ndata: ${JSON.stringify({ from, to })}\n\n`
}

function byeFrame(reason: "session-ended" | "token-expired" | "shutdown") {
  return encode(`event: bye\ndata: ${JSON.stringify({ reason })}\n\n`)
}

function heartbeat({ seq, hash }: Position) {
  return encode(`: seq=${seq}${hash === undefined ? "" : ` hash=${hash}`}\n\n`)
}

function encode(text: string) {
  return Buffer.from(text)
}
