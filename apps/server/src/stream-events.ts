import type { LogEntry } from "@aegis/event-log"
import type { Aegis } from "@aegis/session-core"
import type { SessionEvent } from "@aegis/session-core/events"
import { type FeedItem, readFeed } from "./read-feed.ts"

export interface EventStreamsOptions {
  readonly aegis: Aegis
  /** The server is going down. */
  readonly shutdown: AbortSignal
  readonly heartbeatMs: number
  /** How long a reader may take nothing before it is left behind; it comes back with the last id that it has. */
  readonly stuckMs: number
}

export interface OpenStreamOptions {
  /** Only this session's events. */
  readonly sessionId?: string
  /** The last `seq` that the reader has. */
  readonly after: number
  /** When the reader's token ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** Closes the reader's connection, which has taken nothing for long. */
  readonly onStuck: () => void
}

/** Server-sent events: the feed of the log, in frames (spec/events.md, Streams). */
export class EventStreams {
  readonly #options: EventStreamsOptions
  /** Live readers share an entry, so its frame is made once for all of them. */
  readonly #frames = new WeakMap<LogEntry<SessionEvent>, Uint8Array>()

  constructor(options: EventStreamsOptions) {
    this.#options = options
  }

  open({ onStuck, ...options }: OpenStreamOptions): ReadableStream<Uint8Array> {
    const { stuckMs, ...rest } = this.#options
    const left = new AbortController()
    const feed = readFeed({ ...rest, ...options, left: left.signal })
    let stuck: NodeJS.Timeout | undefined
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          controller.enqueue(encode(`retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n`))
        },
        pull: async (controller) => {
          clearTimeout(stuck)
          const { done, value } = await feed.next()
          if (done) return controller.close()
          controller.enqueue(this.#chunkOf(value))
          stuck = setTimeout(onStuck, stuckMs)
        },
        cancel() {
          clearTimeout(stuck)
          left.abort()
        },
      },
      { highWaterMark: 1 },
    )
  }

  #chunkOf(item: FeedItem): Uint8Array {
    switch (item.type) {
      case "events":
        return Buffer.concat(item.entries.map((entry) => this.#frameOf(entry)))
      case "gap":
        return encode(`event: gap\ndata: ${JSON.stringify({ from: item.from, to: item.to })}\n\n`)
      case "heartbeat":
        return encode(`: seq=${item.seq}${item.hash === undefined ? "" : ` hash=${item.hash}`}\n\n`)
      case "bye":
        return encode(`event: bye\ndata: ${JSON.stringify({ reason: item.reason })}\n\n`)
    }
  }

  #frameOf(entry: LogEntry<SessionEvent>) {
    const known = this.#frames.get(entry) ?? encode(`id: ${entry.seq}\nevent: ${entry.type}\ndata: ${entry.json}\n\n`)
    this.#frames.set(entry, known)
    return known
  }
}

function encode(text: string) {
  return Buffer.from(text)
}
