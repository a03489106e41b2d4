import { isFull } from "./log-refusal.ts"
import { pause } from "./pause.ts"

export interface LookoutOptions {
  /** After how long it is looked again where a full disk has refused what follows. */
  readonly retryMs: number
}

/** Looks at what has moved: at each thing by one at a time, and once more where it has moved meanwhile. */
export class Lookout {
  readonly #look: (id: string) => Promise<void>
  readonly #retryMs: number
  /** What is looked at, and whether it has to be once more. */
  readonly #looking = new Map<string, { isDue: boolean; done: Promise<void> }>()
  readonly #stop = new AbortController()

  constructor(look: (id: string) => Promise<void>, { retryMs }: LookoutOptions) {
    this.#look = look
    this.#retryMs = retryMs
  }

  poke(id: string) {
    if (this.#stop.signal.aborted) return
    const looking = this.#looking.get(id)
    if (looking) {
      looking.isDue = true
      return
    }
    const entry = { isDue: true, done: Promise.resolve() }
    this.#looking.set(id, entry)
    entry.done = this.#lookAt(id, entry)
  }

  async close() {
    this.#stop.abort()
    await Promise.all([...this.#looking.values()].map(({ done }) => done))
  }

  async #lookAt(id: string, entry: { isDue: boolean }) {
    while (entry.isDue && !this.#stop.signal.aborted) {
      entry.isDue = false
      try {
        await this.#look(id)
      } catch (error) {
        // What the log refuses for good is told to whoever writes next, and the next start goes on here.
        if (!isFull(error)) continue
        await pause(this.#retryMs, this.#stop.signal)
        entry.isDue = true
      }
    }
    this.#looking.delete(id)
  }
}
