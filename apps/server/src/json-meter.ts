/** Of one body: more values than that keep everybody waiting while they are parsed, and more levels end whoever goes down them. */
const MOST_VALUES = 100_000
const DEEPEST = 500

const [QUOTE, ESCAPE, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Counts what is in a text of JSON before it is parsed, whatever it is worth (spec/threats.md, C3). */
export class JsonMeter {
  readonly #mostValues: number
  readonly #mostDepth: number
  #values = 0
  #depth = 0
  #deepest = 0
  #isInText = false
  #isEscaped = false

  constructor({ values = MOST_VALUES, depth = DEEPEST } = {}) {
    this.#mostValues = values
    this.#mostDepth = depth
  }

  /** The next bytes of it, in UTF-8. */
  add(bytes: Uint8Array) {
    for (const byte of bytes) {
      if (this.#isInText) this.#inText(byte)
      else this.#outside(byte)
    }
  }

  /** What is wrong with it so far. */
  get problem(): string | undefined {
    if (this.#values > this.#mostValues)
      return `There are more than ${this.#mostValues.toLocaleString("en")} values in it: send less at once.`
    if (this.#deepest > this.#mostDepth)
      return `There are more than ${this.#mostDepth} values inside each other in it: send it less deep.`
    return undefined
  }

  #inText(byte: number) {
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === ESCAPE) this.#isEscaped = true
    else if (byte === QUOTE) this.#isInText = false
  }

  #outside(byte: number) {
    if (byte === QUOTE) this.#isInText = true
    else if (byte === COMMA || byte === COLON) this.#values += 1
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#open()
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth -= 1
  }

  #open() {
    this.#values += 1
    this.#depth += 1
    this.#deepest = Math.max(this.#deepest, this.#depth)
  }
}
