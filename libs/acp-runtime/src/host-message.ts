import type { AgentExit, AgentSpawn } from "./agent-host.ts"

/** Versions of the protocol between server and host that this side speaks, the best first. Additions need no new one. */
export const HOST_VERSIONS: readonly number[] = [1]

/** What a server says to the agent host. Whatever has a `request` is answered; asking again has no second effect. */
export type ToHost =
  | { readonly type: "hello"; readonly versions: readonly number[]; readonly secret: string }
  | (AgentSpawn & { readonly type: "start"; readonly request: number })
  | { readonly type: "attach"; readonly request: number; readonly runId: string }
  | { readonly type: "runs"; readonly request: number }
  /** Output from byte offset `after` up to `upTo`; a later reader of the same run takes the place of an earlier one. */
  | {
      readonly type: "read"
      readonly runId: string
      readonly reader: number
      readonly after: number
      readonly upTo: number
    }
  | { readonly type: "more"; readonly runId: string; readonly reader: number; readonly upTo: number }
  /** The payload is the line. */
  | { readonly type: "write"; readonly request: number; readonly runId: string; readonly frameId: string }
  | { readonly type: "acknowledge"; readonly runId: string; readonly offset: number }
  | { readonly type: "stop"; readonly request: number; readonly runId: string; readonly graceMs?: number }
  | { readonly type: "release"; readonly runId: string }
  | { readonly type: "shutdown"; readonly request: number }

/** What the agent host says to the server. */
export type FromHost =
  | { readonly type: "welcome"; readonly version: number; readonly pid: number }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "done"; readonly request: number; readonly value?: unknown }
  | { readonly type: "failed"; readonly request: number; readonly code: string; readonly message: string }
  /** The payload is what stands at `from`. */
  | { readonly type: "output"; readonly runId: string; readonly reader: number; readonly from: number }
  | ({ readonly type: "exited"; readonly runId: string } & EndedRun)

/** How a run ended; `end` is the offset after its last byte. */
export interface EndedRun {
  readonly exit: AgentExit
  readonly end: number
}

export interface HostMessage<Head> {
  readonly head: Head
  readonly payload: Buffer
}

const NOTHING = Buffer.alloc(0)
const PREFIX = 8

/** Two lengths (32 bits each, big-endian), a head as JSON, and the payload as it is. */
export function encodeMessage(head: ToHost | FromHost, payload: Buffer = NOTHING): Buffer {
  const json = Buffer.from(JSON.stringify(head))
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt32BE(json.length, 0)
  prefix.writeUInt32BE(payload.length, 4)
  return Buffer.concat([prefix, json, payload])
}

/** Cuts a stream into messages. Throws on one that is longer than allowed, or has no head. */
export class MessageReader<Head> {
  /** Bytes of one message; small until the other side has said who it is. */
  limit: number
  #parts: Buffer[] = []
  #size = 0

  constructor(limit: number) {
    this.limit = limit
  }

  push(bytes: Buffer): HostMessage<Head>[] {
    this.#parts.push(bytes)
    this.#size += bytes.length
    const messages: HostMessage<Head>[] = []
    for (let message = this.#next(); message; message = this.#next()) messages.push(message)
    return messages
  }

  #next(): HostMessage<Head> | undefined {
    if (this.#size < PREFIX) return undefined
    const first = this.#joined(PREFIX)
    const headEnd = PREFIX + first.readUInt32BE(0)
    const end = headEnd + first.readUInt32BE(4)
    if (end > this.limit) throw new Error(`A message of ${end} bytes; ${this.limit} are allowed.`)
    if (this.#size < end) return undefined
    const message = this.#joined(end)
    this.#parts = message.length > end ? [message.subarray(end)] : []
    this.#size -= end
    return {
      head: JSON.parse(message.toString("utf8", PREFIX, headEnd)) as Head,
      payload: message.subarray(headEnd, end),
    }
  }

  // The parts are joined once per message, not once per read.
  #joined(size: number) {
    const [first = NOTHING] = this.#parts
    if (first.length >= size) return first
    const all = Buffer.concat(this.#parts)
    this.#parts = [all]
    return all
  }
}
