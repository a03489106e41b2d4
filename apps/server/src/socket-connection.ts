import type { AuthorizeOptions, Permission, Role } from "@aegis/policy"
import type { RawData, WebSocket } from "ws"
import type { ZodType } from "zod"
import { eventAudienceOf } from "./event-audience.ts"
import type { EventHub } from "./event-hub.ts"
import type { FeedReader, FeedSink, SubscribeOptions } from "./feed-reader.ts"
import { JsonMeter } from "./json-meter.ts"
import { issuesOf } from "./problem-reply.ts"
import {
  type ActMessage,
  AuthMessageSchema,
  type CommandId,
  CommandIdSchema,
  type SocketMessage,
  SocketMessageSchema,
  type SubscribeMessage,
} from "./socket-message.ts"

export interface SocketConnectionOptions {
  readonly socket: WebSocket
  readonly hub: EventHub
  readonly sharing: AuthorizeOptions["sharing"]
  /** The REST door: every command is one of its operations, so that one place authorizes, checks and answers. */
  readonly request: (path: string, init: RequestInit) => Promise<Response>
  readonly authMs: number
}

/** Commands that are being answered; a peer that sends more is not read until some are. */
const MOST_COMMANDS = 32
const MOST_SUBSCRIPTIONS = 100
/** In characters: a token has a thousand at most. */
const LONGEST_AUTH = 4000
const POLICY_VIOLATION = 1008
/** Bytes that wait for the peer, from which on nothing more is read for it. */
const ROOM = 256 * 1024

/** One peer of `/v1/ws`, from its first message, which has to authenticate it, to its last. */
export class SocketConnection {
  readonly #options: SocketConnectionOptions
  readonly #subscriptions = new Map<CommandId, FeedReader>()
  readonly #deadline: NodeJS.Timeout
  #token = ""
  #holder: SocketHolder | undefined
  /** Whether the first message was a good one. */
  #isKnown: Promise<boolean> | undefined
  #running = 0

  constructor(options: SocketConnectionOptions) {
    this.#options = options
    const { socket, authMs } = options
    this.#deadline = setTimeout(() => this.#refuse("Nobody authenticated in time."), authMs)
    socket.on("message", (bytes) => void this.#receive(bytes))
    // What breaks the protocol closes the connection; there is nothing else to do about it.
    socket.on("error", () => {})
    // What it may still do is asked anew with each command; what it is sent is not.
    const unwatch = options.hub.watchKeys((keyIds) => {
      if (this.#holder && keyIds.has(this.#holder.keyId)) this.#refuse("The key was changed, rotated or revoked.")
    })
    socket.on("close", () => {
      unwatch()
      clearTimeout(this.#deadline)
      for (const reader of this.#subscriptions.values()) reader.close()
    })
  }

  async #receive(bytes: RawData) {
    const { socket } = this.#options
    this.#running += 1
    const isFirst = this.#isKnown === undefined
    // Of a stranger nothing is kept, or looked into, but the first message.
    if (isFirst || this.#running >= MOST_COMMANDS) socket.pause()
    try {
      this.#isKnown ??= this.#authenticate(bytes)
      if ((await this.#isKnown) && !isFirst) await this.#obey(bytes)
    } finally {
      this.#running -= 1
      if (this.#running < MOST_COMMANDS && socket.isPaused) socket.resume()
    }
  }

  async #authenticate(bytes: RawData) {
    const text = String(bytes)
    const { success, data } = AuthMessageSchema.safeParse(text.length > LONGEST_AUTH ? undefined : parse(text))
    if (!success) return this.#refuse('The first message is {"type":"auth","token":"…"}.')
    this.#token = data.token
    const answer = await this.#call("POST", "/v1/auth/verify")
    if (!answer.ok) return this.#refuse("This token is not known here.")
    this.#holder = toHolder((await answer.json()) as VerifiedToken, this.#options.sharing)
    clearTimeout(this.#deadline)
    await this.#write(JSON.stringify({ type: "ready", seq: this.#options.hub.position }))
    return true
  }

  async #obey(bytes: RawData) {
    const text = String(bytes)
    const meter = new JsonMeter()
    meter.add(Buffer.from(text))
    if (meter.problem !== undefined)
      return this.#reply(undefined, 400, JSON.stringify({ status: 400, code: "body-invalid", detail: meter.problem }))
    const message = parse(text)
    const { success, data, error } = (SocketMessageSchema as ZodType<SocketMessage>).safeParse(message)
    if (success) return this.#perform(data)
    const id = CommandIdSchema.safeParse((message as { readonly id?: unknown } | undefined)?.id).data
    const errors = issuesOf(error)
    const detail = "The message fits no command of this socket; see errors."
    return this.#reply(id, 400, JSON.stringify({ status: 400, code: "request-invalid", detail, errors }))
  }

  async #perform(message: SocketMessage) {
    switch (message.type) {
      case "subscribe":
        return this.#subscribe(message)
      case "unsubscribe": {
        this.#subscriptions.get(message.subscription)?.close()
        this.#subscriptions.delete(message.subscription)
        return this.#reply(message.id, 200, '{"ok":true}')
      }
      default:
        return this.#act(message)
    }
  }

  async #act({ id, type, sessionId, idempotencyKey, ...body }: ActMessage) {
    const headers = idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }
    const path = `/v1/sessions/${encodeURIComponent(sessionId)}/${type}`
    const given = type === "interrupt" && Object.keys(body).length === 0 ? {} : { body: JSON.stringify(body) }
    const response = await this.#call("POST", path, { ...given, headers })
    await this.#reply(id, response.status, await response.text())
  }

  // Who may read the events page by page may have them as they come.
  async #subscribe({ id, sessionId, after }: SubscribeMessage) {
    const about = sessionId === undefined ? "/v1/log" : `/v1/sessions/${encodeURIComponent(sessionId)}/log`
    const allowed = await this.#call("GET", `${about}?limit=1`)
    if (!allowed.ok) return this.#reply(id, allowed.status, await allowed.text())
    if (this.#subscriptions.has(id) || this.#subscriptions.size >= MOST_SUBSCRIPTIONS) {
      const detail = this.#subscriptions.has(id)
        ? "This id names a subscription already; unsubscribe it first, or choose another id."
        : `A connection has at most ${MOST_SUBSCRIPTIONS} subscriptions; subscribe to all, or open another connection.`
      return this.#reply(id, 409, JSON.stringify({ status: 409, code: "subscription-refused", detail }))
    }
    if (!this.#holder) return
    const replied = this.#reply(id, 200, JSON.stringify({ seq: this.#options.hub.position }))
    const subscription = { sink: this.#sinkOf(id), sessionId, after, ...this.#holder }
    this.#subscriptions.set(id, this.#options.hub.subscribe(subscription))
    await replied
  }

  #sinkOf(id: CommandId): FeedSink {
    const { socket } = this.#options
    const name = JSON.stringify(id)
    const tell = (item: Readonly<Record<string, unknown>>) => socket.send(JSON.stringify({ id, ...item }))
    return {
      entries: (entries) => {
        let taken = 0
        const sent = () => {
          if (socket.bufferedAmount < ROOM) this.#subscriptions.get(id)?.resume()
        }
        // An event's text is the log's own: it is not encoded again.
        for (const { json } of entries) {
          socket.send(`{"type":"event","id":${name},"event":${json}}`, sent)
          taken += 1
          if (socket.bufferedAmount >= ROOM) return { taken, hasRoom: false }
        }
        return { taken, hasRoom: true }
      },
      gap: (from, to) => tell({ type: "gap", from, to }),
      heartbeat: (position) => tell({ type: "heartbeat", ...position }),
      bye: (reason) => {
        tell({ type: "bye", reason })
        this.#subscriptions.delete(id)
      },
      abandon: () => socket.terminate(),
    }
  }

  #call(method: string, path: string, { headers = {}, body }: CallOptions = {}) {
    const type = body === undefined ? {} : { "Content-Type": "application/json" }
    const init = { method, headers: { ...headers, ...type, Authorization: `Bearer ${this.#token}` } }
    return this.#options.request(path, body === undefined ? init : { ...init, body })
  }

  #reply(id: CommandId | undefined, status: number, body: string) {
    return this.#write(
      `{"type":"reply","id":${JSON.stringify(id ?? null)},"status":${status},"body":${body || "null"}}`,
    )
  }

  /** Resolves when the peer's socket has taken it, or is gone. */
  #write(text: string) {
    return new Promise<void>((resolve) => this.#options.socket.send(text, () => resolve()))
  }

  #refuse(reason: string) {
    this.#options.socket.close(POLICY_VIOLATION, reason)
    return false
  }
}

/** What `verifyToken` answers. */
interface VerifiedToken {
  readonly keyId: string
  readonly userId: string
  readonly tenantId: string
  readonly role: Role
  readonly permissions: readonly Permission[]
  readonly agentOf?: string
  readonly expiresAt?: string
}

type SocketHolder = Pick<SubscribeOptions, "keyId" | "audience" | "expiresAt">

function toHolder({ expiresAt, ...principal }: VerifiedToken, sharing: AuthorizeOptions["sharing"]): SocketHolder {
  const audience = eventAudienceOf({ ...principal, credential: "key" }, sharing)
  const { keyId } = principal
  return { keyId, audience, ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }) }
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Told like any other message that fits nothing.
    return undefined
  }
}
