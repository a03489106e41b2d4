import type { ServerResponse } from "node:http"
import type { HttpSession } from "@aegis/mcp"
import type { Holder } from "./credentials.ts"
import type { Guest } from "./event-hub.ts"
import type { ByeReason, Tick } from "./feed-reader.ts"
import { RequestProblem } from "./problem-reply.ts"

export interface McpSessionOptions {
  readonly id: string
  /** Who has opened it: nobody else knows of it. */
  readonly holder: Holder
  /** Milliseconds that only go forward. */
  readonly now: () => number
  /** Called once, when it is over. */
  readonly onEnded: (session: McpSession) => void
}

/** How long it may be that nothing is asked or listened to. */
const IDLE_MS = 60 * 60_000
/** Answers at the same time: the stream that a host listens on, and its calls. */
const MOST_ANSWERS = 33
const RETRY_SECONDS = 5

/** One MCP host at `/mcp`, from its first request until it leaves, is silent for too long, or has no credential any more. */
export class McpSession implements Guest {
  readonly id: string
  readonly #options: McpSessionOptions
  #http: HttpSession | undefined
  #answers = 0
  #usedAt: number
  #isOver = false

  constructor(options: McpSessionOptions) {
    this.id = options.id
    this.#options = options
    this.#usedAt = options.now()
  }

  get keyId() {
    return this.#options.holder.principal.keyId
  }

  /** Since when nothing is asked or listened to; undefined while something is. */
  get idleSince(): number | undefined {
    return this.#answers === 0 ? this.#usedAt : undefined
  }

  /** With another secret of the same key it is somebody else's, too: its calls are made with this one. */
  belongsTo({ principal: { keyId }, tag }: Holder) {
    return keyId === this.keyId && tag === this.#options.holder.tag
  }

  isForgotten(monotonic: number) {
    return this.idleSince !== undefined && monotonic - this.idleSince >= IDLE_MS
  }

  begin(http: HttpSession) {
    this.#http = http
    if (this.#isOver) void http.close()
  }

  /** Answers a request of its host's; `outgoing` says when that is over. */
  async answer(request: Request, { outgoing, body }: AnswerOptions): Promise<Response> {
    if (this.#http === undefined) throw new Error("An MCP session was asked before it had begun.")
    if (this.#answers >= MOST_ANSWERS)
      throw new RequestProblem("too-many-streams", `An MCP session has at most ${MOST_ANSWERS} answers open: wait.`, {
        retryAfterSeconds: RETRY_SECONDS,
      })
    this.#answers += 1
    outgoing.once("close", () => {
      this.#answers -= 1
      this.#usedAt = this.#options.now()
    })
    return this.#http.answer(request, body)
  }

  tick({ monotonic, wall }: Tick) {
    if (wall >= (this.#options.holder.expiresAt ?? Number.POSITIVE_INFINITY) || this.isForgotten(monotonic)) this.end()
  }

  bye(reason: ByeReason) {
    // What is being done for somebody who may is answered before the server goes down.
    if (reason === "shutdown") this.#leave()
    else this.end()
  }

  abandon() {
    this.end()
  }

  /** With its streams and calls; twice is fine. */
  end() {
    this.#leave()
    void this.#http?.close()
  }

  #leave() {
    if (this.#isOver) return
    this.#isOver = true
    this.#http?.endStream()
    this.#options.onEnded(this)
  }
}

interface AnswerOptions {
  readonly outgoing: ServerResponse
  readonly body?: unknown
}
