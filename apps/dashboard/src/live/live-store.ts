/** State that grows by many small steps, shown at most once a frame. For `useSyncExternalStore`. */
export class LiveStore<State> {
  #state: State
  #frame: number | undefined
  readonly #listeners = new Set<() => void>()
  readonly #read: () => State
  readonly #schedule: (show: () => void) => number

  /** `read` gives the state as it is now: another object when something has changed. */
  constructor(read: () => State, schedule: (show: () => void) => number = requestAnimationFrameOrSoon) {
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
    this.#frame ??= this.#schedule(() => {
      this.#frame = undefined
      this.#state = this.#read()
      for (const listener of this.#listeners) listener()
    })
  }
}

// A page in the background gets no frames, and its title still tells what waits.
function requestAnimationFrameOrSoon(show: () => void) {
  return document.hidden ? window.setTimeout(show, 200) : requestAnimationFrame(show)
}
