import type { AgentFrame } from "./agent-host.ts"

export interface SpoolOptions {
  /** Unacknowledged bytes from which on the spool is full. */
  readonly bound: number
  /** Told when the spool gets full, and when it has room again. */
  readonly onFull: (isFull: boolean) => void
}

/** Frames between the agent that says them and the reader that makes them durable. */
export class Spool {
  readonly #bound: number
  readonly #onFull: (isFull: boolean) => void
  #frames: AgentFrame[] = []
  #acknowledged = 0
  #end = 0
  #isFull = false
  #isClosed = false
  #wake = new EventTarget()

  constructor({ bound, onFull }: SpoolOptions) {
    this.#bound = bound
    this.#onFull = onFull
  }

  /** Never refuses: who fills it listens to `onFull`. */
  append(frames: readonly AgentFrame[]) {
    const last = frames.at(-1)
    if (!last) return
    this.#frames.push(...frames)
    this.#end = last.end
    this.#changed()
  }

  acknowledge(offset: number) {
    if (offset <= this.#acknowledged) return
    this.#acknowledged = Math.min(offset, this.#end)
    this.#frames.splice(0, this.#indexAfter(this.#acknowledged))
    this.#changed()
  }

  /** Nothing more will come: readers end when they have read all. */
  close() {
    this.#isClosed = true
    this.#changed()
  }

  async *read(after: number, signal?: AbortSignal): AsyncGenerator<readonly AgentFrame[]> {
    let offset = after
    while (!signal?.aborted) {
      const page = this.#page(offset)
      const last = page.at(-1)
      if (last) {
        offset = last.end
        yield page
      } else if (this.#isClosed) return
      else await this.#change(signal)
    }
  }

  #page(after: number) {
    const from = this.#indexAfter(after)
    const start = this.#frames[from - 1]?.end ?? this.#acknowledged
    let to = from
    for (; to < this.#frames.length && to - from < PAGE_FRAMES; to++) {
      if ((this.#frames[to]?.end ?? 0) - start > PAGE_BYTES && to > from) break
    }
    return this.#frames.slice(from, to)
  }

  #indexAfter(offset: number) {
    let low = 0
    let high = this.#frames.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#frames[middle]?.end ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #changed() {
    const isFull = this.#end - this.#acknowledged >= this.#bound
    if (isFull !== this.#isFull) {
      this.#isFull = isFull
      this.#onFull(isFull)
    }
    this.#wake.dispatchEvent(new Event("change"))
  }

  #change(signal?: AbortSignal) {
    return new Promise<void>((resolve) => {
      const done = () => {
        this.#wake.removeEventListener("change", done)
        signal?.removeEventListener("abort", done)
        resolve()
      }
      this.#wake.addEventListener("change", done)
      signal?.addEventListener("abort", done)
    })
  }
}

const PAGE_FRAMES = 512
const PAGE_BYTES = 1024 * 1024
