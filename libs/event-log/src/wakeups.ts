/** Readers that have everything and wait for more: of one stream, or of the whole log. */
export class Wakeups {
  readonly #waiting = new Map<string | undefined, Set<() => void>>()

  /** Resolves at the next commit that concerns the stream, at the signal, or when all are told to go. */
  wait(stream: string | undefined, signal: AbortSignal | undefined) {
    return new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(stream) ?? new Set()
      const wake = () => {
        signal?.removeEventListener("abort", wake)
        waiting.delete(wake)
        if (waiting.size === 0 && this.#waiting.get(stream) === waiting) this.#waiting.delete(stream)
        resolve()
      }
      this.#waiting.set(stream, waiting.add(wake))
      signal?.addEventListener("abort", wake, { once: true })
      if (signal?.aborted) wake()
    })
  }

  wake(streams: Iterable<string>) {
    for (const stream of [...streams, undefined]) this.#wakeOf(stream)
  }

  wakeAll() {
    for (const stream of [...this.#waiting.keys()]) this.#wakeOf(stream)
  }

  #wakeOf(stream: string | undefined) {
    for (const wake of [...(this.#waiting.get(stream) ?? [])]) wake()
  }
}
