import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { LogEntry } from "@aegis/event-log"
import type { AegisEvent } from "@aegis/session-core/events"
import type { ConnectionLimits } from "./connection-limits.ts"
import type { EventHub } from "./event-hub.ts"
import type { ByeReason, FeedSink, Position, SubscribeOptions } from "./feed-reader.ts"
import { HttpConnection } from "./http-connection.ts"

type Entries = readonly LogEntry<AegisEvent>[]

export interface OpenStreamOptions extends Omit<SubscribeOptions, "sink"> {
  /** Where it goes. */
  readonly address: string | undefined
}

/** Server-sent events, written to the socket itself: thousands of readers cost little more than their sockets. */
export class EventStreams {
  readonly #hub: EventHub
  readonly #frames = new Frames()
  readonly #open = new Set<Socket>()
  readonly #connections: ConnectionLimits

  constructor(hub: EventHub, connections: ConnectionLimits) {
    this.#hub = hub
    this.#connections = connections
  }

  /** Answers with the stream. Its end is the reader's, the session's, the credential's or the server's. */
  open(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, options: OpenStreamOptions) {
    const { socket: connection } = outgoing
    if (!(connection instanceof HttpConnection)) throw new Error("This server's connections cannot be taken from it.")
    // The stream's end is the connection's: then a frame goes out as it is, the same bytes to everybody.
    outgoing.removeHeader("Transfer-Encoding")
    outgoing.writeHead(200, { ...headers, Connection: "close" })
    outgoing.write(`retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n`, () => {
      const socket = connection.release()
      if (socket) this.#feed(socket, options)
    })
  }

  /** Those who did not take their goodbye. */
  cut() {
    for (const socket of this.#open) socket.destroy()
  }

  #feed(socket: Socket, { address, ...options }: OpenStreamOptions) {
    this.#connections.add(socket, address)
    const reader = this.#hub.subscribe({ ...options, sink: new StreamSink(socket, this.#frames) })
    this.#open.add(socket)
    socket.on("drain", () => reader.resume())
    // A reader has nothing more to say; when it ends, it is gone.
    socket.on("end", () => socket.destroy())
    // What breaks a connection closes it.
    socket.on("error", () => {})
    socket.on("close", () => {
      this.#open.delete(socket)
      reader.close()
    })
    socket.resume()
  }
}

/** How much is written at once, in characters: a connection that has no more room is given no more of them. */
const PIECE = 64 * 1024

/** Some entries as they are sent. */
interface Piece {
  readonly bytes: Uint8Array
  readonly count: number
}

/** Readers share the entries that they are given, so what is sent is made once for all of them. */
class Frames {
  readonly #known = new WeakMap<Entries, readonly Piece[]>()
  readonly #encoder = new TextEncoder()

  of(entries: Entries) {
    const known = this.#known.get(entries)
    if (known) return known
    const pieces = [...this.#pieces(entries)]
    this.#known.set(entries, pieces)
    return pieces
  }

  *#pieces(entries: Entries): Generator<Piece> {
    let text = ""
    let count = 0
    for (const { seq, type, json } of entries) {
      text += `id: ${seq}\nevent: ${type}\ndata: ${json}\n\n`
      count += 1
      if (text.length < PIECE) continue
      yield this.#piece(text, count)
      text = ""
      count = 0
    }
    if (count > 0) yield this.#piece(text, count)
  }

  // Not by Buffer: a piece of its pool would keep all of the pool's page as long as the entries are kept.
  #piece(text: string, count: number): Piece {
    return { bytes: this.#encoder.encode(text), count }
  }
}

class StreamSink implements FeedSink {
  readonly #socket: Socket
  readonly #frames: Frames

  constructor(socket: Socket, frames: Frames) {
    this.#socket = socket
    this.#frames = frames
  }

  entries(entries: Entries) {
    let taken = 0
    for (const { bytes, count } of this.#frames.of(entries)) {
      taken += count
      if (!this.#socket.write(bytes)) return { taken, hasRoom: false }
    }
    return { taken, hasRoom: true }
  }

  gap(from: number, to: number) {
    this.#socket.write(`event: gap\ndata: ${JSON.stringify({ from, to })}\n\n`)
  }

  heartbeat({ seq, hash }: Position) {
    this.#socket.write(`: seq=${seq}${hash === undefined ? "" : ` hash=${hash}`}\n\n`)
  }

  bye(reason: ByeReason) {
    this.#socket.write(`event: bye\ndata: ${JSON.stringify({ reason })}\n\n`)
    this.#socket.destroySoon()
  }

  abandon() {
    this.#socket.destroy()
  }
}
