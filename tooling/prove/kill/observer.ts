import { type AegisClient, AegisProblem, asKnown, type Gap, type KnownEvent, type RawEvent } from "@aegis/client"

/** Reads every event of the server, over all its deaths, and holds each against the one before it. */
export class Observer {
  readonly seen: RawEvent[] = []
  /** The same, less what this version does not know. */
  readonly events: KnownEvent[] = []
  readonly problems: string[] = []
  readonly #waiting = new Set<() => void>()
  #leave = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  /** Reads on from where it was; call it when the server is there. */
  follow(client: AegisClient) {
    this.#leave.abort()
    this.#leave = new AbortController()
    const { signal } = this.#leave
    this.#reading = this.#reading.then(() => this.#read(client, signal))
  }

  async stop() {
    this.#leave.abort()
    await this.#reading
  }

  /** The first of `events` from an index on that matches, there or to come; undefined when the signal comes first. */
  async until(
    matches: (event: KnownEvent) => boolean,
    { signal, from = 0 }: { readonly signal: AbortSignal; readonly from?: number },
  ): Promise<KnownEvent | undefined> {
    for (let next = from; ; ) {
      for (; next < this.events.length; next++) {
        const event = this.events[next]
        if (event && matches(event)) return event
      }
      if (signal.aborted) return undefined
      await this.#change(signal)
    }
  }

  async #read(client: AegisClient, signal: AbortSignal) {
    try {
      for await (const item of client.rawEvents(undefined, { after: this.seen.at(-1)?.seq ?? 0, signal }))
        this.#take(item)
    } catch (error) {
      // Killed before it was connected: whoever starts the next server calls again.
      if (!AegisProblem.mayPass(error)) throw error
    }
  }

  #take(item: RawEvent | Gap) {
    const last = this.seen.at(-1)?.seq ?? 0
    if (item.type === "gap")
      return void this.problems.push(`after event ${last} the stream told a gap up to ${item.to}`)
    if (item.seq !== last + 1) this.problems.push(`after event ${last} came event ${item.seq}`)
    this.seen.push(item)
    const event = asKnown(item.event)
    if (event) this.events.push(event)
    for (const wake of this.#waiting) wake()
  }

  #change(signal: AbortSignal) {
    return new Promise<void>((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener("abort", done)
        resolve()
      }
      this.#waiting.add(done)
      signal.addEventListener("abort", done)
    })
  }
}
