import { connect, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { AcpError } from "./acp-error.ts"
import type { HostFolder } from "./host-folder.ts"
import {
  encodeMessage,
  type FromHost,
  HOST_VERSIONS,
  type HostMessage,
  MessageReader,
  type ToHost,
} from "./host-message.ts"

const WELCOME_MS = 5000
const ATTEMPTS = 10
const RETRY_MS = 50
const MESSAGE_BYTES = 64 * 1024 * 1024

export type HostNews = Extract<FromHost, { readonly type: "output" | "exited" }>

const refusals: Readonly<Record<string, string>> = {
  silent: "The agent host of this data directory does not answer. End its process, and start again.",
  ended:
    "The agent host of this data directory ends every connection: it is not the one that this directory was made with.",
}

type WithoutNumber<R> = R extends unknown ? Omit<R, "request"> : never
/** What is asked of the host, less the number by which its answer is found. */
export type HostRequest = WithoutNumber<Extract<ToHost, { readonly request: number }>>

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** The server's side of one connection to an agent host. */
export class HostConnection {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  /** Of the host's process. */
  pid = 0
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  readonly #onNews: (message: HostMessage<HostNews>) => void
  #requests = 0
  #isClosed = false

  /**
   * The connection to the living host of the folder; undefined where there is none. Rejects with `host-unreachable` when
   * there is one that does not answer, or that this version cannot talk to.
   */
  static async open(folder: HostFolder, onNews: (message: HostMessage<HostNews>) => void) {
    for (let attempt = 1; ; attempt++) {
      const socket = await connectTo(folder.socketPath)
      if (!socket) return undefined
      const connection = new HostConnection(socket, onNews)
      const refusal = await connection.#hello(folder.secret)
      if (refusal === undefined) return connection
      // One that has just died may still take a connection, and end it.
      if (refusal !== "ended" || attempt === ATTEMPTS)
        throw new AcpError("host-unreachable", refusals[refusal] ?? refusal)
      await delay(RETRY_MS)
    }
  }

  private constructor(socket: Socket, onNews: (message: HostMessage<HostNews>) => void) {
    this.#socket = socket
    this.#onNews = onNews
    socket.on("error", () => {})
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()))
    void this.closed.then(() => this.#abandon())
  }

  /** Rejects with the host's problem, or with `host-lost` when the connection ends before the answer. */
  async request(request: HostRequest, payload?: Buffer): Promise<unknown> {
    if (this.#isClosed) throw lost()
    const number = ++this.#requests
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(number, { resolve, reject }))
    this.tell({ ...request, request: number }, payload)
    return answer
  }

  tell(message: ToHost, payload?: Buffer) {
    if (this.#socket.writable) this.#socket.write(encodeMessage(message, payload))
  }

  end() {
    this.#socket.end()
    return this.closed
  }

  /** Why it is not welcome; undefined when it is. */
  #hello(secret: string) {
    const reader = new MessageReader<FromHost>(MESSAGE_BYTES)
    return new Promise<string | undefined>((resolve) => {
      const settle = (refusal?: string) => {
        clearTimeout(deadline)
        if (refusal !== undefined) this.#socket.destroy()
        resolve(refusal)
      }
      const deadline = setTimeout(() => settle("silent"), WELCOME_MS)
      void this.closed.then(() => settle("ended"))
      this.#socket.on("data", (bytes: Buffer) => {
        for (const message of reader.push(bytes)) {
          if (message.head.type === "welcome") {
            this.pid = message.head.pid
            settle()
          } else if (message.head.type === "refused") settle(message.head.message)
          else this.#onMessage(message)
        }
      })
      this.tell({ type: "hello", versions: HOST_VERSIONS, secret })
    })
  }

  #onMessage({ head, payload }: HostMessage<FromHost>) {
    if (head.type === "output" || head.type === "exited") return this.#onNews({ head, payload })
    if (head.type !== "done" && head.type !== "failed") return
    const pending = this.#pending.get(head.request)
    this.#pending.delete(head.request)
    if (head.type === "done") pending?.resolve(head.value)
    else pending?.reject(new AcpError(head.code as AcpError["code"], head.message))
  }

  #abandon() {
    this.#isClosed = true
    for (const { reject } of this.#pending.values()) reject(lost())
    this.#pending.clear()
  }
}

/** A socket that is connected; undefined where nobody listens. */
function connectTo(path: string) {
  return new Promise<Socket | undefined>((resolve) => {
    const socket = connect(path)
    socket.once("connect", () => resolve(socket))
    socket.once("error", () => resolve(undefined))
  })
}

function lost() {
  return new AcpError("host-lost", "The agent host is gone: what was asked of it may or may not have been done.")
}
