import { once } from "node:events"
import type { Writable } from "node:stream"
import { AcpError } from "./acp-error.ts"
import type { OutboundFrame } from "./agent-host.ts"

export interface AgentStdinOptions {
  /** Bytes that may wait. */
  readonly bound: number
  /** Told of each line, without its line break, just before it is with the pipe. */
  readonly onWrite: (line: string) => void
}

/** The agent's ears: lines go one after the other, each id once, and what waits is bounded. */
export class AgentStdin {
  readonly #stream: Writable
  readonly #bound: number
  readonly #onWrite: (line: string) => void
  readonly #sent = new Map<string, Promise<void>>()
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(stream: Writable, { bound, onWrite }: AgentStdinOptions) {
    this.#stream = stream
    this.#bound = bound
    this.#onWrite = onWrite
    // A write to an agent that is gone fails in `#write`; without a listener it would also end this process.
    stream.on("error", () => {})
  }

  /** Resolves when the line is with the pipe. Rejects with `agent-exited`, `agent-not-reading` or `frame-invalid`. */
  send({ id, line }: OutboundFrame): Promise<void> {
    const earlier = this.#sent.get(id)
    if (earlier) return earlier
    if (/[\r\n]/.test(line)) return Promise.reject(new AcpError("frame-invalid", `Frame ${id} contains a line break.`))
    const size = Buffer.byteLength(line) + 1
    if (this.#waiting + size > this.#bound) return Promise.reject(this.#full(id))
    this.#waiting += size
    const written = this.#last.then(() => this.#write(id, line)).finally(() => (this.#waiting -= size))
    this.#last = written.catch(() => {})
    this.#sent.set(id, written)
    return written
  }

  end() {
    this.#stream.end()
  }

  async #write(id: string, line: string) {
    const stream = this.#stream
    if (stream.destroyed || stream.writableEnded) throw gone(id)
    this.#onWrite(line)
    if (stream.write(`${line}\n`)) return
    const closing = new AbortController()
    const closed = once(stream, "close", closing).then(() => {
      throw gone(id)
    })
    try {
      await Promise.race([once(stream, "drain", closing), closed])
    } catch (error) {
      throw AcpError.is(error) ? error : gone(id, error)
    } finally {
      closing.abort()
      closed.catch(() => {})
    }
  }

  #full(id: string) {
    return new AcpError(
      "agent-not-reading",
      `The agent does not read: frame ${id} would be more than ${this.#bound} bytes that wait.`,
    )
  }
}

function gone(id: string, cause?: unknown) {
  return new AcpError("agent-exited", `The agent is gone: frame ${id} was not delivered.`, { cause })
}
