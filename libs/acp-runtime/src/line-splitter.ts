import type { AgentFrame } from "./agent-host.ts"

/** Cuts bytes into lines. An empty line is no frame; its bytes count all the same. */
export class LineSplitter {
  #parts: Buffer[] = []
  #pending = 0
  #offset: number

  /** `offset`: where the first byte stands. */
  constructor(offset = 0) {
    this.#offset = offset
  }

  /** The bytes after the last line break. */
  get pending() {
    return this.#pending
  }

  push(bytes: Buffer): AgentFrame[] {
    const frames: AgentFrame[] = []
    let from = 0
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
      this.#keep(bytes.subarray(from, at + 1))
      const frame = this.#finish()
      if (frame.text !== "") frames.push(frame)
      from = at + 1
    }
    this.#keep(bytes.subarray(from))
    return frames
  }

  #keep(part: Buffer) {
    if (part.length === 0) return
    this.#parts.push(part)
    this.#pending += part.length
    this.#offset += part.length
  }

  // Decoded as a whole line, so a character that was split over two reads is whole again.
  #finish(): AgentFrame {
    const line = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts, this.#pending)
    this.#parts = []
    this.#pending = 0
    return { text: line.toString("utf8", 0, lengthOfText(line)), end: this.#offset }
  }
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

function lengthOfText(line: Buffer) {
  return line.at(-2) === CARRIAGE_RETURN ? line.length - 2 : line.length - 1
}
