export interface WatchedLineOptions {
  /** How long one piece of work may take, in milliseconds. */
  readonly patienceMs: number
  /** Called when one has taken longer; what it answers with is what everybody hears who asks until it is done. */
  readonly onStuck: () => Error
}

/**
 * Work on one thing, one after the other. A disk that does not answer (a network folder that is away) holds nobody up:
 * who waits for it hears that it is stuck. It is asked nothing more until it answers, since every call would take one of
 * the few threads that all files of this process are read with.
 */
export class WatchedLine {
  readonly #options: WatchedLineOptions
  readonly #waiting = new Set<(error: Error) => void>()
  #last: Promise<void> = Promise.resolve()
  #stuck: Error | undefined

  constructor(options: WatchedLineOptions) {
    this.#options = options
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stuck) return Promise.reject(this.#stuck)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiting.add(reject)
    this.#last = this.#last
      .then(() => this.#watched(work))
      .then(resolve, reject)
      .finally(() => this.#waiting.delete(reject))
    return promise
  }

  /** Does that when all is done, which is waited for only where nothing is stuck. */
  async end(work: () => void): Promise<void> {
    const ended = this.#last.then(work)
    if (this.#stuck === undefined) await ended
  }

  async #watched<T>(work: () => Promise<T>) {
    const timer = setTimeout(() => this.#giveUp(), this.#options.patienceMs)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      this.#stuck = undefined
    }
  }

  #giveUp() {
    const stuck = this.#options.onStuck()
    this.#stuck = stuck
    for (const reject of this.#waiting) reject(stuck)
  }
}
