/**
 * One after the other, and everything else in between. Work that waits for nothing but promises, such as reading page after
 * page for hundreds of readers, would keep the process from its connections until all of it is done.
 */
export class TurnQueue {
  readonly #waiting: (() => void)[] = []
  #isRunning = false

  /** Resolves when it is the caller's turn; what it does before it waits again is done alone. */
  next() {
    return new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      if (!this.#isRunning) this.#run()
    })
  }

  #run() {
    const next = this.#waiting.shift()
    this.#isRunning = next !== undefined
    if (next === undefined) return
    next()
    setImmediate(() => this.#run())
  }
}
