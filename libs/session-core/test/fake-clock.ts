import type { Clock } from "../src/node-clock.ts"

/** A clock that stands still until it is set. */
export class FakeClock implements Clock {
  readonly #alarms = new Set<{ readonly at: Date; readonly ring: () => void }>()
  #now: Date

  constructor(now: string) {
    this.#now = new Date(now)
  }

  readonly now = () => new Date(this.#now)

  readonly ringAt = (at: Date, ring: () => void) => {
    const alarm = { at, ring }
    this.#alarms.add(alarm)
    // Set to a time that is over it rings as well.
    if (at <= this.#now) queueMicrotask(() => this.#ringIfSet(alarm))
    return () => void this.#alarms.delete(alarm)
  }

  set(now: string) {
    this.#now = new Date(now)
    for (const alarm of [...this.#alarms]) if (alarm.at <= this.#now) this.#ringIfSet(alarm)
  }

  /** When it rings next. */
  get next() {
    return [...this.#alarms].map(({ at }) => at.toISOString()).toSorted()[0]
  }

  #ringIfSet(alarm: { readonly at: Date; readonly ring: () => void }) {
    if (this.#alarms.delete(alarm)) alarm.ring()
  }
}
