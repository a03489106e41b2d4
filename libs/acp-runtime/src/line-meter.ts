/** Counts what stands between line breaks. */
export class LineMeter {
  /** The bytes after the last line break. */
  pending = 0
  /** The longest line so far, finished or not, without its break. */
  longest = 0

  push(bytes: Buffer) {
    let from = 0
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
      this.#grow(at - from)
      this.pending = 0
      from = at + 1
    }
    this.#grow(bytes.length - from)
  }

  #grow(count: number) {
    this.pending += count
    this.longest = Math.max(this.longest, this.pending)
  }
}

const LINE_FEED = 0x0a
