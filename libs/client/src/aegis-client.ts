import type { WriteOptions } from "./caller.ts"
import { type EventsOptions, eventStream, type Gap, type RawEvent } from "./event-stream.ts"
import { Operations } from "./generated/operations.gen.ts"
import type { Event as AegisEvent, SendMessage } from "./generated/types.gen.ts"

/** Every operation as a method, and event streams that resume by themselves. */
export class AegisClient extends Operations {
  /** Send a prompt: a text, or what the operation takes. */
  override sendMessage(id: string, message: string | SendMessage, options?: WriteOptions) {
    return super.sendMessage(id, typeof message === "string" ? { text: message } : message, options)
  }

  /**
   * Events of one session, or of all, and then live. Ends with the session or with the signal, and closes its connection
   * when the loop is left; a gap says what the log no longer has.
   */
  async *events(sessionId?: string, options: EventsOptions = {}): AsyncGenerator<AegisEvent | Gap> {
    for await (const item of this.rawEvents(sessionId, options)) yield item.type === "gap" ? item : item.event
  }

  /** The same with each event's text: for those who print, store or verify what they read. */
  rawEvents(sessionId?: string, options: EventsOptions = {}): AsyncGenerator<RawEvent | Gap> {
    const path = sessionId === undefined ? "/v1/events" : `/v1/sessions/${encodeURIComponent(sessionId)}/events`
    const source = {
      baseUrl: this.baseUrl,
      path,
      fetch: this.fetch,
      credentials: this.credentials,
      createToken: (signal: AbortSignal) =>
        this.createSseToken(sessionId === undefined ? {} : { sessionId }, { signal }),
    }
    return eventStream(source, { ...options, signal: this.endingOf(options.signal) })
  }
}
