/** State that grows by many small steps, shown at most once a frame. For `useSyncExternalStore`. */
export class LiveStore<State> {
  #state: State
  #due: unknown
  readonly #listeners = new Set<() => void>()
  readonly #read: () => State
  readonly #schedule: (show: () => void) => unknown

  /** `read` gives the state as it is now: another object when something has changed. */
  constructor(read: () => State, schedule: (show: () => void) => unknown = inAFrame) {
    this.#read = read
    this.#schedule = schedule
    this.#state = read()
  }

  readonly getSnapshot = () => this.#state

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Something has changed. */
  touch() {
    this.#due ??= this.#schedule(() => {
      this.#due = undefined
      this.#state = this.#read()
      for (const listener of this.#listeners) listener()
    })
  }
}

// By time: a page in the background gets no frames, and its title tells all the same what waits.
function inAFrame(show: () => void) {
  return setTimeout(show, 16)
}
