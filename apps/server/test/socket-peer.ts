import { WebSocket } from "ws"

// biome-ignore lint/suspicious/noExplicitAny: what a server says is looked at member by member.
type Message = any

/** A peer of `/v1/ws` in a test: keeps what it is told, and waits for what it wants to hear. */
export class SocketPeer {
  readonly heard: Message[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #socket: WebSocket
  #onMessage = () => {}
  #commands = 0

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws`, { headers })
    this.#socket.on("error", () => {})
    this.#socket.on("message", (bytes) => {
      this.heard.push(JSON.parse(String(bytes)))
      this.#onMessage()
    })
    this.closed = new Promise((resolve) => {
      this.#socket.on("close", (code, reason) => {
        resolve({ code, reason: String(reason) })
        this.#onMessage()
      })
    })
  }

  static async authenticated(url: string, token: string) {
    const peer = new SocketPeer(url)
    await peer.opened()
    peer.send({ type: "auth", token })
    await peer.until(({ type }) => type === "ready")
    return peer
  }

  opened() {
    return new Promise<void>((resolve, reject) => {
      this.#socket.once("open", resolve)
      this.#socket.once("unexpected-response", (_request, { statusCode }) => reject(new Error(`status ${statusCode}`)))
    })
  }

  send(message: unknown) {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message))
  }

  /** The answer to a command. */
  async ask(command: Record<string, unknown>): Promise<Message> {
    const id = `c${++this.#commands}`
    const before = this.heard.length
    this.send({ id, ...command })
    return this.until(
      (message) =>
        message.type === "reply" && message.id === (command.id ?? id) && this.heard.indexOf(message) >= before,
    )
  }

  /** The first message that matches, heard already or not. */
  until(matches: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#onMessage = () => {
        const found = this.heard.find(matches)
        if (found !== undefined) return resolve(found)
        if (this.#socket.readyState === WebSocket.CLOSED) reject(new Error("The connection was closed."))
      }
      this.#onMessage()
    })
  }

  /** Reads nothing from now on. */
  pause() {
    this.#socket.pause()
  }

  resume() {
    this.#socket.resume()
  }

  close() {
    this.#socket.terminate()
  }
}
