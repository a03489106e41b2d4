import { LRUCache } from "lru-cache"

export interface RateLimitOptions {
  /** As the `RateLimit` fields call it. */
  readonly name: string
  /** How often in a window. */
  readonly quota: number
  readonly windowMs?: number
  /** Whole milliseconds that only go forward: with parts of them a window could seem longer than it is. */
  readonly now?: () => number
}

/** What one of those that are counted has left. */
export interface Allowance {
  readonly isWithin: boolean
  readonly remaining: number
  /** Whole seconds until there is all of it again. */
  readonly resetSeconds: number
}

interface Window {
  readonly endsAt: number
  count: number
}

/** So many are counted at once; those that came longest ago begin anew. An address costs nothing, memory does. */
const MOST_COUNTED = 10_000

/** Counts what somebody does in a window that begins with the first time. */
export class RateLimit {
  readonly name: string
  readonly quota: number
  readonly windowMs: number
  readonly #now: () => number
  readonly #windows = new LRUCache<string, Window>({ max: MOST_COUNTED })

  constructor({ name, quota, windowMs = 60_000, now = () => Math.floor(performance.now()) }: RateLimitOptions) {
    this.name = name
    this.quota = quota
    this.windowMs = windowMs
    this.#now = now
  }

  /** Once more. */
  take(who: string): Allowance {
    const now = this.#now()
    const known = this.#windows.get(who)
    const window = known && known.endsAt > now ? known : { endsAt: now + this.windowMs, count: 0 }
    window.count += 1
    this.#windows.set(who, window)
    return {
      isWithin: window.count <= this.quota,
      remaining: Math.max(0, this.quota - window.count),
      resetSeconds: Math.ceil((window.endsAt - now) / 1000),
    }
  }
}
