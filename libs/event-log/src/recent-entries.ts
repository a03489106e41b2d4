import type { LogEntry } from "./event-log.ts"
import type { LogEvent } from "./log-event.ts"

/** The newest committed entries, so that readers who keep up need no disk. Older ones leave; nothing depends on them. */
export class RecentEntries<E extends LogEvent> {
  #entries: LogEntry<E>[] = []
  #characters = 0
  readonly #maxEntries: number
  readonly #maxCharacters: number

  constructor({ maxEntries = 4096, maxCharacters = 2 * 1024 * 1024 } = {}) {
    this.#maxEntries = maxEntries
    this.#maxCharacters = maxCharacters
  }

  push(entries: readonly LogEntry<E>[]) {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#characters += entry.json.length
    }
    this.#trim()
  }

  /** Up to `limit` entries of the stream after the cursor, or undefined when they are not all here any more. */
  after(cursor: number, { stream, limit }: { readonly stream: string | undefined; readonly limit: number }) {
    const first = this.#entries[0]
    if (first === undefined || cursor < first.seq - 1) return undefined
    const found: LogEntry<E>[] = []
    for (let index = cursor - first.seq + 1; index < this.#entries.length && found.length < limit; index++) {
      const entry = this.#entries[index]
      if (entry && (stream === undefined || entry.stream === stream)) found.push(entry)
    }
    return found
  }

  // In one cut when it is a quarter too full, so that each entry is moved a bounded number of times.
  #trim() {
    if (this.#entries.length < this.#maxEntries * 1.25 && this.#characters < this.#maxCharacters * 1.25) return
    let drop = 0
    while (this.#entries.length - drop > this.#maxEntries || this.#characters > this.#maxCharacters) {
      this.#characters -= this.#entries[drop]?.json.length ?? 0
      drop += 1
    }
    this.#entries = this.#entries.slice(drop)
  }
}
