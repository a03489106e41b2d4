import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { LogEntry } from "@aegis/event-log"
import type { AegisEvent } from "@aegis/session-core/events"
import type { EventHub } from "./event-hub.ts"
import type { ByeReason, FeedSink, Position, SubscribeOptions } from "./feed-reader.ts"
import { HttpConnection } from "./http-connection.ts"

type Entry = LogEntry<AegisEvent>

/** Server-sent events, written to the socket itself: thousands of readers cost little more than their sockets. */
export class EventStreams {
  readonly #hub: EventHub
  readonly #frames = new Frames()
  readonly #open = new Set<Socket>()

  constructor(hub: EventHub) {
    this.#hub = hub
  }

  /** Answers with the stream. Its end is the reader's, the session's, the credential's or the server's. */
  open(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, options: Omit<SubscribeOptions, "sink">) {
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

  #feed(socket: Socket, options: Omit<SubscribeOptions, "sink">) {
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

/** Readers share an entry, so its frame is made once for all of them. */
class Frames {
  readonly #known = new WeakMap<Entry, Uint8Array>()
  readonly #encoder = new TextEncoder()

  of(entry: Entry) {
    const known = this.#known.get(entry)
    if (known) return known
    // Not by Buffer: a piece of its pool would keep all of the pool's page as long as the entry is kept.
    const frame = this.#encoder.encode(`id: ${entry.seq}\nevent: ${entry.type}\ndata: ${entry.json}\n\n`)
    this.#known.set(entry, frame)
    return frame
  }
}

class StreamSink implements FeedSink {
  readonly #socket: Socket
  readonly #frames: Frames

  constructor(socket: Socket, frames: Frames) {
    this.#socket = socket
    this.#frames = frames
  }

  entries(entries: readonly Entry[]) {
    let taken = 0
    let hasRoom = true
    for (; taken < entries.length && hasRoom; taken++) {
      const entry = entries[taken]
      if (entry) hasRoom = this.#socket.write(this.#frames.of(entry))
    }
    return { taken, hasRoom }
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
