import type { Server } from "node:http"
import type { Socket } from "node:net"
import { Duplex } from "node:stream"

/**
 * A connection as the HTTP server has it, until somebody takes what is below it. The server keeps some 14 KB of a
 * connection whose answer is not over, most of it for a parser that an event stream never needs again; of a socket alone
 * there are 3 KB (Node 24, 10,000 connections).
 */
export class HttpConnection extends Duplex {
  #socket: Socket | undefined
  /** Runs until something was said: the HTTP server's own times begin with that. */
  readonly #silence: NodeJS.Timeout
  readonly #listeners = {
    data: (bytes: Buffer) => {
      clearTimeout(this.#silence)
      if (!this.push(bytes)) this.#socket?.pause()
    },
    end: () => this.push(null),
    timeout: () => this.emit("timeout"),
    error: (error: Error) => this.destroy(error),
    close: () => this.destroy(),
  }

  constructor(socket: Socket, silenceMs: number) {
    super()
    this.#socket = socket
    this.#silence = setTimeout(() => this.destroy(), silenceMs)
    for (const [name, listener] of Object.entries(this.#listeners)) socket.on(name, listener)
  }

  get remoteAddress() {
    return this.#socket?.remoteAddress
  }

  setTimeout(milliseconds: number) {
    this.#socket?.setTimeout(milliseconds)
    return this
  }

  /** The socket, for whoever goes on with it alone. For the HTTP server this connection is over. */
  release(): Socket | undefined {
    const socket = this.#socket
    if (socket === undefined || socket.destroyed) return undefined
    this.#socket = undefined
    for (const [name, listener] of Object.entries(this.#listeners)) socket.off(name, listener)
    socket.setTimeout(0)
    this.destroy()
    return socket
  }

  override _read() {
    this.#socket?.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#socket?.write(chunk, encoding, done)
  }

  override _writev(chunks: readonly WriteChunk[], done: (error?: Error | null) => void) {
    const last = chunks.at(-1)
    this.#socket?.cork()
    for (const { chunk, encoding } of chunks.slice(0, -1)) this.#socket?.write(chunk, encoding)
    if (last) this.#socket?.write(last.chunk, last.encoding, done)
    this.#socket?.uncork()
  }

  override _final(done: (error?: Error | null) => void) {
    this.#socket?.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    clearTimeout(this.#silence)
    this.#socket?.destroy()
    done(error)
  }
}

interface WriteChunk {
  readonly chunk: Buffer
  readonly encoding: BufferEncoding
}

/**
 * From now on every connection of the server is one that can be taken from it: it works over any stream. One on which nothing
 * is said for so many milliseconds from its beginning is closed.
 */
export function useHttpConnections(server: Server, { silenceMs = 60_000 }: { readonly silenceMs?: number } = {}) {
  const listeners = server.listeners("connection")
  server.removeAllListeners("connection")
  server.on("connection", (socket: Socket) => {
    const connection = new HttpConnection(socket, silenceMs)
    for (const listener of listeners) listener.call(server, connection)
  })
}
