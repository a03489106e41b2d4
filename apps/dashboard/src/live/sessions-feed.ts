import {
  type AegisClient,
  type AegisEvent,
  asKnown,
  type ConnectionState,
  type SessionListItem,
  type Stop,
} from "@aegis/client"
import { keepGoing } from "./keep-going.ts"
import { LiveStore } from "./live-store.ts"
import { inOrder, nextRow, type SessionRow } from "./session-list.ts"

export interface SessionsState {
  readonly rows: readonly SessionRow[]
  readonly isLoaded: boolean
  readonly hasMore: boolean
  readonly error?: unknown
  readonly connection: ConnectionState["type"] | "connecting"
  /** All work is stopped. */
  readonly stop?: Stop | undefined
  /** Whether who looks may let it go on. */
  readonly mayLift: boolean
}

const waiting = ["permission_prompt", "asking"] as const

/** All sessions, live: the newest from the list, then every event after it. */
export class SessionsFeed {
  readonly store: LiveStore<SessionsState>
  readonly #client: AegisClient
  readonly #rows = new Map<string, SessionRow>()
  readonly #fetching = new Set<string>()
  #nextCursor: string | undefined
  #isLoaded = false
  #error: unknown
  #connection: SessionsState["connection"] = "connecting"
  #stop: Stop | undefined
  #mayLift = false

  constructor(client: AegisClient) {
    this.#client = client
    this.store = new LiveStore(() => this.#state())
  }

  /** Reads until the signal. */
  async run(signal: AbortSignal) {
    try {
      await keepGoing(() => this.#read(signal), { signal, onLost: () => this.#connected("lost") })
    } catch (error) {
      if (signal.aborted) return
      this.#error = error
      this.store.touch()
    }
  }

  async #read(signal: AbortSignal) {
    this.#nextCursor = undefined
    // The stream begins where the list may have been read, so that nothing falls between the two.
    const [newest] = (await this.#client.listEvents({ limit: 1 }, { signal })).items
    await Promise.all([
      this.loadMore(signal),
      this.#loadStop(signal),
      ...waiting.map((status) => this.#loadAll(status, signal)),
    ])
    this.#isLoaded = true
    const onConnection = ({ type }: ConnectionState) => this.#connected(type)
    for await (const event of this.#client.events(undefined, { after: newest?.seq ?? 0, signal, onConnection }))
      if ("hash" in event && event.sessionId === undefined) this.#takeSystem(event)
      else if ("hash" in event) this.#take(event, event.sessionId ?? "", signal)
  }

  async #loadStop(signal: AbortSignal) {
    const [{ stop }, { permissions }] = await Promise.all([
      this.#client.getHealth({ signal }),
      this.#client.verifyToken({ signal }),
    ])
    this.#stop = stop
    this.#mayLift = permissions.includes("session.admin")
    this.store.touch()
  }

  #takeSystem(event: AegisEvent) {
    const { type, at, actor, data } = asKnown(event)
    if (type === "system.stopped") this.#stop = { at, by: actor, reason: data.reason }
    if (type === "system.resumed") this.#stop = undefined
    this.store.touch()
  }

  #connected(connection: SessionsState["connection"]) {
    this.#connection = connection
    this.store.touch()
  }

  #take(event: AegisEvent, sessionId: string, signal: AbortSignal) {
    const row = nextRow(this.#rows.get(sessionId), event)
    if (row) this.#rows.set(sessionId, row)
    else void this.#fetch(sessionId, signal)
    this.store.touch()
  }

  /** A session older than what was loaded, in which something happens. */
  async #fetch(sessionId: string, signal: AbortSignal) {
    if (this.#fetching.has(sessionId)) return
    this.#fetching.add(sessionId)
    try {
      this.#add([await this.#client.getSession(sessionId, { signal })])
    } catch {
      // Its next event asks again.
    } finally {
      this.#fetching.delete(sessionId)
    }
  }

  /** However old: what waits for somebody is never below the fold. */
  async #loadAll(status: SessionListItem["status"], signal: AbortSignal) {
    for (let after: number | undefined; ; ) {
      const page = { status, limit: 200, ...(after === undefined ? {} : { after }) }
      const { items, nextCursor } = await this.#client.listSessions(page, { signal })
      this.#add(items)
      if (nextCursor === undefined) return
      after = Number(nextCursor)
    }
  }

  #add(items: readonly SessionListItem[]) {
    for (const item of items) if ((this.#rows.get(item.id)?.seq ?? 0) < item.seq) this.#rows.set(item.id, item)
    this.store.touch()
  }

  /** The next page of the list: older sessions. */
  async loadMore(signal?: AbortSignal) {
    const after = this.#nextCursor === undefined ? {} : { after: Number(this.#nextCursor) }
    const { items, nextCursor } = await this.#client.listSessions({ limit: 50, ...after }, signal ? { signal } : {})
    this.#nextCursor = nextCursor
    this.#add(items)
  }

  #state(): SessionsState {
    return {
      rows: inOrder(this.#rows.values()),
      isLoaded: this.#isLoaded,
      hasMore: this.#nextCursor !== undefined,
      error: this.#error,
      connection: this.#connection,
      stop: this.#stop,
      mayLift: this.#mayLift,
    }
  }
}
