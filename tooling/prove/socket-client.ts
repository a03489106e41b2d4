import { once } from "node:events"

/** What a command was answered with: the REST operation's status and body. */
export interface SocketReply {
  readonly status: number
  readonly body: { readonly detail?: string } & Readonly<Record<string, unknown>>
}

/** A plain client of `/v1/ws`. */
export class SocketClient {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (reply: SocketReply) => void>()
  #commands = 0

  static async open(baseUrl: string, token: string) {
    const socket = new WebSocket(`${baseUrl.replace(/^http/, "ws")}/v1/ws`)
    await once(socket, "open")
    const client = new SocketClient(socket)
    socket.send(JSON.stringify({ type: "auth", token }))
    return client
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as { readonly type: string; readonly id: number } & SocketReply
      if (message.type !== "reply") return
      this.#waiting.get(message.id)?.(message)
      this.#waiting.delete(message.id)
    })
    socket.addEventListener("close", () => this.#refuseAll())
  }

  /** A connection that is closed instead answers like a credential that is none. */
  ask(command: Readonly<Record<string, unknown>>): Promise<SocketReply> {
    const id = ++this.#commands
    this.#socket.send(JSON.stringify({ id, ...command }))
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      if (this.#socket.readyState !== WebSocket.OPEN) this.#refuseAll()
    })
  }

  #refuseAll() {
    for (const answer of this.#waiting.values()) answer({ status: 401, body: {} })
    this.#waiting.clear()
  }

  close() {
    this.#socket.close()
  }
}
