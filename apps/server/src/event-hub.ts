import { once } from "node:events"
import { setTimeout as pause } from "node:timers/promises"
import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { AegisEvent } from "@aegis/session-core/events"
import { LRUCache } from "lru-cache"
import { agentKeyId } from "./credentials.ts"
import { EventAudiences } from "./event-audience.ts"
import { type ByeReason, FeedReader, type FeedSource, type SubscribeOptions, type Tick } from "./feed-reader.ts"
import { type PageRange, PageReader } from "./page-reader.ts"
import { TurnQueue } from "./turn-queue.ts"

export interface EventHubOptions {
  readonly aegis: Aegis
  /** The server is going down. */
  readonly shutdown: AbortSignal
  readonly heartbeatMs: number
  readonly stuckMs: number
}

/** Who came in with a credential and stays, as long as that is what it was. */
export interface Guest {
  /** Of its credential. */
  readonly keyId: string
  /** Of the login that its credential is from. */
  readonly loginId?: string | undefined
  /** Some time has passed. */
  tick(now: Tick): void
  bye(reason: ByeReason): void
  /** The log cannot be read: whether the key is still good nobody knows. */
  abandon(): void
}

const TICK_MS = 1000
/** So many readers get an event before somebody else has a turn. */
const READERS_AT_ONCE = 500

const MOST_CHANGED_KEYS = 10_000

/** Gives each event to everybody who follows it: one tail of the log for all readers that keep up (spec/events.md, Streams). */
export class EventHub implements FeedSource {
  readonly options: EventHubOptions
  position: number
  /** Resolves when everybody was told goodbye. */
  readonly closed: Promise<void>
  readonly #guests = new Set<Guest>()
  readonly #turns = new TurnQueue()
  readonly #pages: PageReader
  readonly audiences: EventAudiences
  /** `seq` of the last change of each key that was changed, and of each login that was ended: of so many as may change while a request is looked at. */
  readonly #changedKeys = new LRUCache<string, number>({ max: MOST_CHANGED_KEYS })
  /** Told which keys are not what they were. */
  readonly #watchers = new Set<(keyIds: ReadonlySet<string>) => void>()
  /** Those that get events as they come: by session, and of all sessions. */
  readonly #live = new Map<string | undefined, Set<FeedReader>>()

  constructor(options: EventHubOptions) {
    this.options = options
    this.#pages = new PageReader(options.aegis)
    this.audiences = new EventAudiences(options.aegis)
    this.position = options.aegis.head()
    this.closed = this.#run()
  }

  /** From the cursor on, then live; the sink is told what comes until it or the reader is closed. */
  subscribe(options: SubscribeOptions): FeedReader {
    const reader = new FeedReader(this, options)
    if (this.admit(reader, options.authorizedAt)) void reader.start()
    return reader
  }

  /** Tells the guest when it is over, at once if it is already: then false. `authorizedAt` as for a reader. */
  admit(guest: Guest, authorizedAt = this.position): boolean {
    this.#guests.add(guest)
    const isChanged = behind(guest).some((name) => (this.#changedKeys.get(name) ?? 0) > authorizedAt)
    if (this.options.shutdown.aborted) guest.bye("shutdown")
    else if (isChanged) guest.bye("token-expired")
    return this.#guests.has(guest)
  }

  join(reader: FeedReader) {
    const others = this.#live.get(reader.sessionId) ?? new Set()
    this.#live.set(reader.sessionId, others.add(reader))
  }

  leave(reader: FeedReader) {
    const others = this.#live.get(reader.sessionId)
    if (others?.delete(reader) && others.size === 0) this.#live.delete(reader.sessionId)
  }

  turn() {
    return this.#turns.next()
  }

  async page(range: PageRange) {
    const page = await this.#pages.read(range)
    if (range.sessionId === undefined) await this.audiences.prepare(page.entries)
    return page
  }

  /** Calls back when keys were changed, rotated or revoked, before anything that came after that is given to anybody. */
  watchKeys(changed: (keyIds: ReadonlySet<string>) => void) {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  forget(guest: Guest) {
    this.#guests.delete(guest)
  }

  async #run() {
    const { shutdown, heartbeatMs } = this.options
    const ticking = setInterval(() => this.#tick(), Math.min(TICK_MS, heartbeatMs))
    while (!shutdown.aborted) {
      try {
        await this.#follow(shutdown)
      } catch {
        // A log that cannot be read: its readers come back with their cursors, and are told why if it still cannot.
        for (const guest of this.#guests) guest.abandon()
        await pause(TICK_MS, undefined, { signal: shutdown }).catch(() => undefined)
      }
    }
    clearInterval(ticking)
    for (const guest of this.#guests) guest.bye("shutdown")
  }

  async #follow(signal: AbortSignal) {
    for await (const page of this.options.aegis.tail({ after: this.position, signal })) await this.#give(page)
    // The log is closed: nothing more will come.
    if (!signal.aborted) await once(signal, "abort")
  }

  async #give(page: readonly LogEntry<AegisEvent>[]) {
    this.#endOfKeys(page)
    this.position = page.at(-1)?.seq ?? this.position
    const bySession = Map.groupBy(page, ({ stream }) => stream)
    for (const [sessionId, entries] of bySession) await this.#giveTo(this.#live.get(sessionId), entries)
    if (this.#live.has(undefined)) await this.audiences.prepare(page)
    await this.#giveTo(this.#live.get(undefined), page)
  }

  // Who holds one comes back with what it is now, if it is still good: their streams end before they get anything more.
  #endOfKeys(page: readonly LogEntry<AegisEvent>[]) {
    const keyIds = new Set<string>()
    for (const entry of page) {
      const keyId = changedKey(entry)
      if (keyId === undefined) continue
      this.#changedKeys.set(keyId, entry.seq)
      keyIds.add(keyId)
    }
    if (keyIds.size === 0) return
    for (const guest of this.#guests) if (behind(guest).some((name) => keyIds.has(name))) guest.bye("token-expired")
    for (const changed of this.#watchers) changed(keyIds)
  }

  // Who joins meanwhile has these already, and takes nothing twice.
  async #giveTo(readers: ReadonlySet<FeedReader> | undefined, entries: readonly LogEntry<AegisEvent>[]) {
    let count = 0
    for (const reader of readers ?? []) {
      reader.push(entries)
      if (++count % READERS_AT_ONCE === 0) await new Promise(setImmediate)
    }
  }

  #tick() {
    this.#pages.forgetOld()
    const now = { monotonic: performance.now(), wall: Date.now() }
    for (const guest of this.#guests) guest.tick(now)
  }
}

/** What a reader's credential ends with. */
function behind({ keyId, loginId }: Guest) {
  return loginId === undefined ? [keyId] : [keyId, loginId]
}

/** The key, or the login, that is not what it was: an agent's own key is good while its session and its process are. */
function changedKey({ type, event }: LogEntry<AegisEvent>) {
  switch (type) {
    case "key.updated":
    case "key.rotated":
    case "key.revoked":
      return (event.data as { readonly keyId: string }).keyId
    case "auth.logout":
      return (event.data as { readonly loginId: string }).loginId
    case "agent.exited":
    case "session.killed":
    case "session.crashed":
    case "session.completed":
      return event.sessionId && agentKeyId(event.sessionId)
    default:
      return undefined
  }
}
