/** So many do something at once, and so many others wait for it. */
export class Places {
  readonly #limits: { readonly running: number; readonly waiting: number }
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limits: { readonly running: number; readonly waiting: number }) {
    this.#limits = limits
  }

  /** Undefined: too many wait already. Who has one gives it back, once. */
  async take(): Promise<{ release(): void } | undefined> {
    const isFree = this.#running < this.#limits.running
    if (!isFree && this.#waiting.length >= this.#limits.waiting) return undefined
    if (isFree) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return { release: () => this.#release() }
  }

  #release() {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}
