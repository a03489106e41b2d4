/** The last bytes of a stream as text. A character that the cut went through is left out. */
export class StderrTail {
  #bytes = Buffer.alloc(0)
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  push(bytes: Buffer) {
    const all = Buffer.concat([this.#bytes, bytes.subarray(-this.#limit)])
    this.#bytes = Buffer.from(all.subarray(-this.#limit))
  }

  get text() {
    let start = 0
    // Continuation bytes of UTF-8 are 10xxxxxx; at most three can stand before a character's first byte.
    while (start < 3 && ((this.#bytes[start] ?? 0) & 0xc0) === 0x80) start++
    return this.#bytes.toString("utf8", start)
  }
}
