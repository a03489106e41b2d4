import { randomUUID } from "node:crypto"
import type { AegisClient } from "@aegis/client"
import type { Holder } from "./credentials.ts"
import type { EventHub } from "./event-hub.ts"
import { McpSession } from "./mcp-session.ts"
import { RequestProblem } from "./problem-reply.ts"

export interface McpSessionsOptions {
  readonly hub: Pick<EventHub, "admit" | "forget">
  readonly version: string
  /** Milliseconds that only go forward. */
  readonly now?: () => number
}

export interface OpenMcpSessionOptions {
  /** What its tools call, as the holder. */
  readonly client: AegisClient
  /** `seq` of the last event before the holder's credential was looked at. */
  readonly authorizedAt: number
}

/** Of one key: a host that begins anew each time cannot take all memory. */
const MOST_SESSIONS = 32
const RETRY_SECONDS = 5

/** All sessions at `/mcp`: each belongs to the credential that opened it, and ends with it. */
export class McpSessions {
  readonly #options: Required<McpSessionsOptions>
  readonly #sessions = new Map<string, McpSession>()

  constructor({ now = () => performance.now(), ...options }: McpSessionsOptions) {
    this.#options = { now, ...options }
  }

  /** Another's is not there. */
  find(id: string, holder: Holder): McpSession {
    const session = this.#sessions.get(id)
    if (session?.belongsTo(holder) && !session.isForgotten(this.#options.now())) return session
    throw new RequestProblem("mcp-session-not-found", "There is no such MCP session, or no longer: initialize another.")
  }

  /** One whose first request is still to be answered. */
  async open(holder: Holder, { client, authorizedAt }: OpenMcpSessionOptions): Promise<McpSession> {
    const { hub, version, now } = this.#options
    this.#makeRoom(holder.principal.keyId)
    const onEnded = (ended: McpSession) => {
      this.#sessions.delete(ended.id)
      hub.forget(ended)
    }
    const session = new McpSession({ id: randomUUID(), holder, now, onEnded })
    this.#sessions.set(session.id, session)
    hub.admit(session, authorizedAt)
    const { openHttpSession } = await import("@aegis/mcp")
    const { id: sessionId } = session
    session.begin(await openHttpSession(client, { version, sessionId, onClosed: () => session.end() }))
    return session
  }

  /** The one that was idle for longest goes. */
  #makeRoom(keyId: string) {
    const others = [...this.#sessions.values()].filter((session) => session.keyId === keyId)
    if (others.length < MOST_SESSIONS) return
    const [oldest] = others
      .filter(({ idleSince }) => idleSince !== undefined)
      .toSorted((one, other) => (one.idleSince ?? 0) - (other.idleSince ?? 0))
    if (oldest === undefined)
      throw new RequestProblem(
        "too-many-mcp-sessions",
        `This credential has ${MOST_SESSIONS} MCP sessions, and uses all of them: end one, or wait.`,
        { retryAfterSeconds: RETRY_SECONDS },
      )
    oldest.end()
  }
}
