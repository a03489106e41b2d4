import type { AegisClient, ConnectionState } from "@aegis/client"
import { keepGoing } from "./keep-going.ts"
import { LiveStore } from "./live-store.ts"
import { SessionFold, type SessionView } from "./session-fold.ts"

export interface SessionState extends SessionView {
  /** Whether the history is there up to what the server had when the page was opened. */
  readonly isLoaded: boolean
  readonly error?: unknown
  readonly connection: ConnectionState["type"] | "connecting" | "ended"
}

/** One session from its first event on, live. */
export class SessionFeed {
  readonly store: LiveStore<SessionState>
  readonly #client: AegisClient
  readonly #sessionId: string
  #fold = new SessionFold()
  #loadedAt = Number.POSITIVE_INFINITY
  #error: unknown
  #connection: SessionState["connection"] = "connecting"

  constructor(client: AegisClient, sessionId: string) {
    this.#client = client
    this.#sessionId = sessionId
    this.store = new LiveStore(() => this.#state())
  }

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
    this.#loadedAt = Math.min(this.#loadedAt, (await this.#client.getSession(this.#sessionId, { signal })).seq)
    while (!(await this.#readToTheEnd(signal))) this.#fold = new SessionFold()
    if (!signal.aborted) this.#connected("ended")
  }

  /** False when the log was set back meanwhile: then what was seen may never have happened, and is read again. */
  async #readToTheEnd(signal: AbortSignal) {
    const onConnection = ({ type }: ConnectionState) => this.#connected(type)
    const after = this.#fold.view().head.seq
    for await (const event of this.#client.events(this.#sessionId, { after, signal, onConnection })) {
      if ("hash" in event) this.#fold.add(event)
      else if (event.to < event.from) return false
      this.store.touch()
    }
    return true
  }

  #connected(connection: SessionState["connection"]) {
    this.#connection = connection
    this.store.touch()
  }

  #state(): SessionState {
    const view = this.#fold.view()
    return { ...view, isLoaded: view.head.seq >= this.#loadedAt, error: this.#error, connection: this.#connection }
  }
}
