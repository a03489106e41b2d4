import type { ServerResponse } from "node:http"
import type { LogEntry } from "@aegis/event-log"
import type { AegisEvent } from "@aegis/session-core/events"
import type { EventHub } from "./event-hub.ts"
import type { FeedSink, SubscribeOptions } from "./feed-reader.ts"

const encoder = new TextEncoder()

/** Server-sent events, written to the connection itself: thousands of readers cost little more than their sockets. */
export class EventStreams {
  readonly #hub: EventHub
  /** Readers share an entry, so its frame is made once for all of them. */
  readonly #frames = new WeakMap<LogEntry<AegisEvent>, Uint8Array>()

  constructor(hub: EventHub) {
    this.#hub = hub
  }

  /** Answers with the stream. Its end is the reader's, the session's, the credential's or the server's. */
  open(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, options: Omit<SubscribeOptions, "sink">) {
    // What was there to abort the request, and would keep all of it as long as the stream.
    outgoing.removeAllListeners("close")
    outgoing.writeHead(200, headers)
    outgoing.write(`retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n`)
    const reader = this.#hub.subscribe({ ...options, sink: this.#sinkOf(outgoing) })
    outgoing.on("drain", () => reader.resume())
    outgoing.on("close", () => reader.close())
  }

  #sinkOf(outgoing: ServerResponse): FeedSink {
    return {
      entries: (entries) => {
        let taken = 0
        let hasRoom = true
        for (; taken < entries.length && hasRoom; taken++) {
          const entry = entries[taken]
          if (entry) hasRoom = outgoing.write(this.#frameOf(entry))
        }
        return { taken, hasRoom }
      },
      gap: (from, to) => outgoing.write(`event: gap\ndata: ${JSON.stringify({ from, to })}\n\n`),
      heartbeat: ({ seq, hash }) => outgoing.write(`: seq=${seq}${hash === undefined ? "" : ` hash=${hash}`}\n\n`),
      bye: (reason) => outgoing.end(`event: bye\ndata: ${JSON.stringify({ reason })}\n\n`),
      abandon: () => outgoing.destroy(),
    }
  }

  #frameOf(entry: LogEntry<AegisEvent>) {
    const known = this.#frames.get(entry)
    if (known) return known
    // Not by Buffer: a piece of its pool would keep all of the pool's page as long as the entry is kept.
    const frame = encoder.encode(`id: ${entry.seq}\nevent: ${entry.type}\ndata: ${entry.json}\n\n`)
    this.#frames.set(entry, frame)
    return frame
  }
}
