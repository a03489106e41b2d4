import { AegisProblem } from "./aegis-problem.ts"

export interface ConnectionOptions {
  readonly baseUrl: string
  readonly silenceMs: number
  /** The reader's: ends this connection too. */
  readonly signal: AbortSignal | undefined
}

/** One attempt at a stream: it ends at its close, with the reader's signal, or after too long a silence. */
export class Connection {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #options: ConnectionOptions
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.signal = this.#controller.signal
    options.signal?.addEventListener("abort", this.#leave)
    this.#listen()
  }

  /** The body as it arrives. A cut ends it like its end does: the reader asks for the rest in either case. */
  async *chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
    const reader = body?.getReader()
    // A server in the same process does not see the signal of the request, only that nobody reads any longer.
    const cancel = () => void reader?.cancel().catch(() => undefined)
    this.signal.addEventListener("abort", cancel)
    try {
      for (let chunk = await this.#next(reader); chunk; chunk = await this.#next(reader)) yield chunk
    } finally {
      this.signal.removeEventListener("abort", cancel)
      cancel()
    }
  }

  close() {
    this.#options.signal?.removeEventListener("abort", this.#leave)
    clearTimeout(this.#timer)
    this.#controller.abort()
  }

  // Only waiting is timed: while the caller works on what it got, a full socket is silent for good reason.
  async #next(reader: ReadableStreamDefaultReader<Uint8Array> | undefined) {
    if (this.signal.aborted) return undefined
    this.#listen()
    try {
      return (await reader?.read())?.value
    } catch {
      // Cut: the same as its end.
      return undefined
    } finally {
      clearTimeout(this.#timer)
    }
  }

  #listen() {
    clearTimeout(this.#timer)
    const giveUp = () => this.#controller.abort(AegisProblem.unreachable(this.#options.baseUrl))
    this.#timer = setTimeout(giveUp, this.#options.silenceMs)
  }

  readonly #leave = () => this.#controller.abort(this.#options.signal?.reason)
}
