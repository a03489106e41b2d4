import type { SealedBatch, StreamState } from "./storage.ts"

const MAX_STREAMS = 2000

/** Streams as they stand, those not needed for longest forgotten first. */
export class StreamCache {
  // Insertion order is the order of use.
  readonly #streams = new Map<string, StreamState>()

  get(stream: string) {
    const known = this.#streams.get(stream)
    return known && this.keep(stream, known)
  }

  keep(stream: string, state: StreamState) {
    this.#streams.delete(stream)
    this.#streams.set(stream, state)
    const oldest = this.#streams.keys().next().value
    if (this.#streams.size > MAX_STREAMS && oldest !== undefined) this.#streams.delete(oldest)
    return state
  }

  /** What a committed batch made of the streams that were `known` when it began. */
  advance({ streams, folds }: SealedBatch, known: ReadonlyMap<string, StreamState>) {
    const changed = new Map<string, Map<string, unknown>>()
    for (const [stream, head] of streams) {
      const states = new Map(known.get(stream)?.folds)
      changed.set(stream, states)
      this.keep(stream, { head, folds: states })
    }
    for (const { fold, stream, state } of folds) changed.get(stream)?.set(fold, state)
  }

  clear() {
    this.#streams.clear()
  }
}
