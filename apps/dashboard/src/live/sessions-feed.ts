import type { AegisClient, ConnectionState } from "@aegis/client"
import { LiveStore } from "./live-store.ts"
import { inOrder, nextRow, type SessionRow } from "./session-list.ts"

export interface SessionsState {
  readonly rows: readonly SessionRow[]
  readonly isLoaded: boolean
  readonly hasMore: boolean
  readonly error?: unknown
  readonly connection: ConnectionState["type"] | "connecting"
}

/** All sessions, live: the newest from the list, then every event after it. */
export class SessionsFeed {
  readonly store: LiveStore<SessionsState>
  readonly #client: AegisClient
  readonly #rows = new Map<string, SessionRow>()
  #nextCursor: string | undefined
  #isLoaded = false
  #error: unknown
  #connection: SessionsState["connection"] = "connecting"

  constructor(client: AegisClient) {
    this.#client = client
    this.store = new LiveStore(() => this.#read())
  }

  /** Reads until the signal. */
  async run(signal: AbortSignal) {
    try {
      // The stream begins where the list may have been read, so that nothing falls between the two.
      const [newest] = (await this.#client.listEvents({ limit: 1 }, { signal })).items
      await this.loadMore(signal)
      this.#isLoaded = true
      const onConnection = ({ type }: ConnectionState) => {
        this.#connection = type
        this.store.touch()
      }
      for await (const event of this.#client.events(undefined, { after: newest?.seq ?? 0, signal, onConnection }))
        if (event.type !== "gap" && "sessionId" in event && event.sessionId !== undefined) {
          const row = nextRow(this.#rows.get(event.sessionId), event)
          if (row) this.#rows.set(event.sessionId, row)
          this.store.touch()
        }
    } catch (error) {
      if (signal.aborted) return
      this.#error = error
      this.store.touch()
    }
  }

  /** The next page of the list: older sessions. */
  async loadMore(signal?: AbortSignal) {
    const after = this.#nextCursor === undefined ? {} : { after: Number(this.#nextCursor) }
    const { items, nextCursor } = await this.#client.listSessions({ limit: 50, ...after }, signal ? { signal } : {})
    for (const item of items) if (!this.#rows.has(item.id)) this.#rows.set(item.id, item)
    this.#nextCursor = nextCursor
    this.store.touch()
  }

  #read(): SessionsState {
    return {
      rows: inOrder(this.#rows.values()),
      isLoaded: this.#isLoaded,
      hasMore: this.#nextCursor !== undefined,
      error: this.#error,
      connection: this.#connection,
    }
  }
}
