import type { CallOptions } from "./caller.ts"
import { type EventsOptions, eventStream, type Gap, type RawEvent } from "./event-stream.ts"
import { Operations } from "./generated/operations.gen.ts"
import type { Event as AegisEvent, SendMessage } from "./generated/types.gen.ts"

/** Every operation as a method, and event streams that resume by themselves. */
export class AegisClient extends Operations {
  /** Send a prompt: a text, or what the operation takes. */
  override sendMessage(id: string, message: string | SendMessage, options?: CallOptions) {
    return super.sendMessage(id, typeof message === "string" ? { text: message } : message, options)
  }

  /** Events of one session, or of all, with their text: for those who verify what they read. */
  rawEvents(sessionId?: string, options: EventsOptions = {}): AsyncGenerator<RawEvent | Gap> {
    const path = sessionId === undefined ? "/v1/events" : `/v1/sessions/${encodeURIComponent(sessionId)}/events`
    const createToken = (signal: AbortSignal | undefined) =>
      this.createSseToken(sessionId === undefined ? {} : { sessionId }, { signal })
    return eventStream({ url: `${this.baseUrl}${path}`, fetch: this.fetch, createToken }, options)
  }

  /** The same as envelopes. A gap, which only a restored backup makes, is passed over. */
  async *events(sessionId?: string, options: EventsOptions = {}): AsyncGenerator<AegisEvent> {
    for await (const item of this.rawEvents(sessionId, options)) if (item.type === "event") yield item.event
  }
}
