import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { AegisEvent, SessionStatus } from "@aegis/session-core/events"
import type { EventAudience, EventAudiences } from "./event-audience.ts"
import type { Page, PageRange } from "./page-reader.ts"

type Entries = readonly LogEntry<AegisEvent>[]
export type ByeReason = "session-ended" | "token-expired" | "shutdown"

/** A moment, in milliseconds: since some beginning, and since the epoch. */
export interface Tick {
  readonly monotonic: number
  readonly wall: number
}

/** Where a reader stands; the hash is known when it has the whole stream up to there. */
export interface Position {
  readonly seq: number
  readonly hash?: string | undefined
}

/** Puts what a reader is told into the form of its stream, and on its connection. */
export interface FeedSink {
  /** Takes as many as there is room for. Without room left: nothing more comes until `resume` is called. */
  entries(entries: Entries): { readonly taken: number; readonly hasRoom: boolean }
  /** The cursor is not in the log: what lies between is not to be had. */
  gap(from: number, to: number): void
  /** Nothing has happened for a while. */
  heartbeat(position: Position): void
  /** The last word. */
  bye(reason: ByeReason): void
  /** Cuts the connection: nobody takes anything, or the log cannot be read. */
  abandon(): void
}

/** Where the events of all readers come from. */
export interface FeedSource {
  readonly options: {
    readonly aegis: Pick<Aegis, "head" | "isOver" | "streamHead">
    readonly heartbeatMs: number
    /** How long a reader may take nothing before it is left behind; it comes back with the last id that it has. */
    readonly stuckMs: number
  }
  readonly audiences: Pick<EventAudiences, "narrow">
  /** Every event up to here has been given to whoever is live. */
  readonly position: number
  /** From now on it is given what comes after `position`. */
  join(reader: FeedReader): void
  leave(reader: FeedReader): void
  /** It will not come back. */
  forget(reader: FeedReader): void
  /** Resolves when it is somebody's turn to read from the log: one page, then the next one's. */
  turn(): Promise<void>
  page(range: PageRange): Promise<Page>
}

export interface SubscribeOptions {
  readonly sink: FeedSink
  /** Only this session's events, which the reader may see. */
  readonly sessionId?: string | undefined
  /** Of all sessions': what the reader may see. */
  readonly audience: EventAudience
  /** The key behind the reader's credential. */
  readonly keyId: string
  /** The login behind it, if there is one. */
  readonly loginId?: string | undefined
  /** `seq` of the last event before that was looked at; absent: somebody watches it since then. */
  readonly authorizedAt?: number
  /** The last `seq` that the reader has. */
  readonly after: number
  /** When the reader's credential ends, in milliseconds since the epoch; absent: not by itself. */
  readonly expiresAt?: number | undefined
}

/** Pages that may come while a reader catches up; with more it catches up once more. */
const MOST_PENDING = 64
const NOTHING = { taken: 0, hasRoom: true }

/**
 * A cursor on the log. While its connection takes what comes it is given events as they are committed; when it is full
 * nothing is kept for it, and it reads on from the log when there is room.
 */
export class FeedReader {
  readonly sessionId: string | undefined
  readonly keyId: string
  readonly loginId: string | undefined
  readonly #audience: EventAudience
  readonly #hub: FeedSource
  readonly #sink: FeedSink
  readonly #expiresAt: number
  #cursor: number
  #hash: string | undefined
  /** Of its session, by its last event; undefined before the first. */
  #status: SessionStatus | undefined
  #state: "reading" | "live" | "full" | "closed" = "reading"
  /** What came while it read. */
  #pending: Entries[] = []
  #stuck: NodeJS.Timeout | undefined
  #toldAt = performance.now()

  constructor(
    hub: FeedSource,
    { sink, sessionId, audience, keyId, loginId, after, expiresAt = Number.POSITIVE_INFINITY }: SubscribeOptions,
  ) {
    this.#hub = hub
    this.#sink = sink
    this.sessionId = sessionId
    this.keyId = keyId
    this.loginId = loginId
    this.#audience = audience
    this.#cursor = after
    this.#expiresAt = expiresAt
  }

  async start() {
    const { aegis } = this.#hub.options
    const head = aegis.head()
    if (this.#cursor > head) {
      this.#sink.gap(this.#cursor, head)
      this.#cursor = head
    }
    try {
      const stream = this.sessionId === undefined ? undefined : await aegis.streamHead(this.sessionId)
      if (stream && stream.seq <= this.#cursor) this.#hash = stream.hash
      await this.#catchUp()
    } catch {
      this.abandon()
    }
  }

  /** There is room again. */
  resume() {
    if (this.#state !== "full") return
    clearTimeout(this.#stuck)
    this.#state = "reading"
    void this.#catchUp().catch(() => this.abandon())
  }

  /** Nobody is there any more. */
  close() {
    clearTimeout(this.#stuck)
    this.#state = "closed"
    this.#pending = []
    this.#hub.leave(this)
    this.#hub.forget(this)
  }

  push(entries: Entries) {
    if (this.#state === "live") this.#give(entries)
    else if (this.#state === "reading") this.#pending.push(entries)
  }

  tick({ monotonic, wall }: Tick) {
    if (wall >= this.#expiresAt) return this.bye("token-expired")
    if (this.#state !== "live" || monotonic - this.#toldAt < this.#hub.options.heartbeatMs) return
    this.#toldAt = monotonic
    this.#sink.heartbeat(
      this.sessionId === undefined ? { seq: this.#hub.position } : { seq: this.#cursor, hash: this.#hash },
    )
  }

  bye(reason: ByeReason) {
    if (this.#state === "closed") return
    this.#sink.bye(reason)
    this.close()
  }

  /** Reads up to where the hub is; what is committed meanwhile it is given beside that, so that nothing is between. */
  async #catchUp() {
    for (;;) {
      if (this.#cursor < this.#hub.position) await this.#hub.turn()
      if (this.#isClosed()) return
      this.#pending = []
      this.#hub.join(this)
      const { sessionId } = this
      const { entries, isWhole } = await this.#hub.page({ sessionId, after: this.#cursor, upTo: this.#hub.position })
      if (this.#isClosed()) return
      const isNear = isWhole && this.#pending.length <= MOST_PENDING
      if (!isNear) this.#hub.leave(this)
      if (!this.#give(entries)) return
      if (isNear) break
    }
    this.#state = "live"
    for (const entries of this.#pending.splice(0)) if (!this.#give(entries)) return
    this.#endIfOver()
  }

  #isClosed() {
    return this.#state === "closed"
  }

  /** Whether there is room for more. */
  #give(entries: Entries) {
    const visible = this.sessionId === undefined ? this.#hub.audiences.narrow(entries, this.#audience) : entries
    const fresh = (visible[0]?.seq ?? 0) > this.#cursor ? visible : visible.filter(({ seq }) => seq > this.#cursor)
    const { taken, hasRoom } = fresh.length === 0 ? NOTHING : this.#sink.entries(fresh)
    const last = fresh[taken - 1]
    if (last) {
      this.#cursor = last.seq
      this.#hash = last.hash
      this.#status = last.event.status
      this.#toldAt = performance.now()
    }
    // What it may not see it has passed, too.
    if (taken === fresh.length) this.#cursor = Math.max(this.#cursor, entries.at(-1)?.seq ?? 0)
    if (fresh.length === 0) return true
    if (!hasRoom) this.#wait()
    if (this.#state === "live") this.#endIfOver()
    return hasRoom
  }

  #wait() {
    this.#state = "full"
    this.#pending = []
    this.#hub.leave(this)
    this.#stuck = setTimeout(() => this.abandon(), this.#hub.options.stuckMs)
  }

  // An ended session has a last event, after which its stream is over.
  #endIfOver() {
    const { sessionId } = this
    if (sessionId === undefined || !mayBeOver(this.#status)) return
    const cursor = this.#cursor
    this.#hub.options.aegis.isOver(sessionId, cursor).then(
      (isOver) => isOver && this.#state === "live" && this.#cursor === cursor && this.bye("session-ended"),
      () => this.abandon(),
    )
  }

  /** Cuts it off, in the middle. */
  abandon() {
    if (this.#state === "closed") return
    this.#sink.abandon()
    this.close()
  }
}

// Before the first event of this reader nothing is known of the session: then it is looked up.
function mayBeOver(status: SessionStatus | undefined) {
  return status === undefined || status === "killed" || status === "completed" || status === "crashed"
}
