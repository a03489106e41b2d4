import { statusOfCode } from "./status-of-code.ts"

export interface HookBreakerOptions {
  /** So many failures in a row open it. */
  readonly failures?: number
  /** Milliseconds for which nothing is tried; then one is. */
  readonly restMs?: number
  /** Milliseconds that only go forward. */
  readonly now?: () => number
  /** Told when it opens and when it closes. */
  readonly onChange?: (isOpen: boolean) => void
}

/**
 * An agent waits for its hooks, with each of its steps. Where taking them fails again and again, they are answered with
 * nothing at once for a while, so that the agent goes on. A caller's own mistake is no failure.
 */
export class HookBreaker {
  readonly #options: Required<HookBreakerOptions>
  #failures = 0
  #restsUntil = 0

  constructor({
    failures = 5,
    restMs = 30_000,
    now = () => performance.now(),
    onChange = () => {},
  }: HookBreakerOptions = {}) {
    this.#options = { failures, restMs, now, onChange }
  }

  /** Undefined while it rests. Rejects with the work's own failure. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { now, restMs } = this.#options
    if (this.#isOpen && now() < this.#restsUntil) return undefined
    // One tries it, and the others go on resting meanwhile.
    if (this.#isOpen) this.#restsUntil = now() + restMs
    try {
      const result = await work()
      this.#succeeded()
      return result
    } catch (error) {
      if (isFailure(error)) this.#failed()
      throw error
    }
  }

  get #isOpen() {
    return this.#failures >= this.#options.failures
  }

  #succeeded() {
    const { onChange } = this.#options
    const wasOpen = this.#isOpen
    this.#failures = 0
    if (wasOpen) onChange(false)
  }

  #failed() {
    const { now, restMs, onChange } = this.#options
    const wasOpen = this.#isOpen
    this.#failures += 1
    if (!this.#isOpen) return
    this.#restsUntil = now() + restMs
    if (!wasOpen) onChange(true)
  }
}

function isFailure(error: unknown) {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  return (statusOfCode(code) ?? 500) >= 500
}
