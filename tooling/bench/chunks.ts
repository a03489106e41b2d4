/** The length of each chunk: its number, when it was written in microseconds since the epoch, and filling. */
const CHUNK_BYTES = 40

export function chunkText(number: number) {
  return `${String(number).padStart(8, "0")} ${String(nowMicros()).padStart(16, "0")} `.padEnd(CHUNK_BYTES, ".")
}

function nowMicros() {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000)
}

/** Counts chunks by their number, however they are cut or joined on the way: none may be missing, or come twice. */
export class ChunkCounter {
  /** Milliseconds from the agent's hand to here, one per chunk. */
  readonly latencies: number[] = []
  #rest = ""

  get count() {
    return this.latencies.length
  }

  add(text: string) {
    const now = nowMicros()
    this.#rest += text
    let from = 0
    for (; this.#rest.length - from >= CHUNK_BYTES; from += CHUNK_BYTES) {
      const chunk = this.#rest.slice(from, from + CHUNK_BYTES)
      if (Number(chunk.slice(0, 8)) !== this.count) throw new Error(`Chunk ${this.count} was due, and "${chunk}" came.`)
      this.latencies.push((now - Number(chunk.slice(9, 25))) / 1000)
    }
    this.#rest = this.#rest.slice(from)
  }
}
