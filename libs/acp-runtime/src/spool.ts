import type { AgentFrame } from "./agent-host.ts"
import type { AgentOutput } from "./agent-process.ts"
import { LineSplitter } from "./line-splitter.ts"

export interface SpoolOptions {
  /** Where the first byte stands: 0 when absent. */
  readonly start?: number
  /** Unacknowledged bytes from which on the spool is full. */
  readonly bound: number
  /** Told when the spool gets full, and when it has room again. */
  readonly onFull: (isFull: boolean) => void
}

/** Frames between the agent that says them and the reader that makes them durable. */
export class Spool implements AgentOutput {
  readonly #bound: number
  readonly #onFull: (isFull: boolean) => void
  #lines: LineSplitter
  #frames: AgentFrame[] = []
  #acknowledged: number
  #end: number
  #isFull = false
  #isClosed = false
  #wake = new EventTarget()

  constructor({ start = 0, bound, onFull }: SpoolOptions) {
    this.#lines = new LineSplitter(start)
    this.#acknowledged = start
    this.#end = start
    this.#bound = bound
    this.#onFull = onFull
  }

  /** Never refuses: who fills it listens to `onFull`. */
  push(bytes: Buffer) {
    const frames = this.#lines.push(bytes)
    const last = frames.at(-1)
    if (!last) return
    this.#frames.push(...frames)
    this.#end = last.end
    this.#changed()
  }

  /** The offset after the last whole line. */
  get end() {
    return this.#end
  }

  /** The next bytes begin at the offset of a line: at `end`, where half a line is said once more, or after a gap. */
  continueAt(offset: number) {
    this.#lines = new LineSplitter(offset)
    if (offset > this.#end) this.#acknowledged = offset
    this.#end = Math.max(this.#end, offset)
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
      const [first] = page
      const last = page.at(-1)
      if (first && last) {
        if (offset < this.#acknowledged) page[0] = { ...first, isAfterGap: true }
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
