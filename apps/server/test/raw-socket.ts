import { connect, type Socket } from "node:net"

/** A connection to a server with what a client of HTTP would not say. */
export class RawSocket {
  readonly socket: Socket
  #heard = ""
  #wake = () => {}

  constructor(url: string, from?: string) {
    const { hostname, port } = new URL(url)
    this.socket = connect({ port: Number(port), host: hostname, ...(from === undefined ? {} : { localAddress: from }) })
    this.socket.on("data", (bytes: Buffer) => {
      this.#heard += bytes.toString("latin1")
      this.#wake()
    })
    // Whoever is cut off in the middle of what they say is told so; what was heard before counts.
    this.socket.on("error", () => {})
    this.socket.on("close", () => this.#wake())
  }

  get isClosed() {
    return this.socket.closed
  }

  say(bytes: string | Buffer) {
    this.socket.write(bytes)
    return this
  }

  /** Resolves with all that was heard when the server has ended the connection. */
  async untilClosed() {
    while (!this.isClosed) await this.#next()
    return this.#heard
  }

  /** Resolves with all that was heard when there is so much of it. */
  async until(text: string) {
    while (!this.#heard.includes(text)) {
      if (this.isClosed) throw new Error(`"${text}" never came: ${this.#heard}`)
      await this.#next()
    }
    return this.#heard
  }

  #next() {
    return new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

/** The statuses of all answers, in their order. */
export function statusesOf(heard: string) {
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}
