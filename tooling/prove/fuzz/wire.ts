import { Agent, type IncomingHttpHeaders, request } from "node:http"

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Of a stream: what came first. */
  readonly text: string
  /** From the last byte asked to the last one answered; of a stream to the first. */
  readonly ms: number
}

export interface WireRequest {
  readonly method: string
  /** With its query, as it stands on the wire. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/** No answer is waited for longer. */
const MOST_MS = 20_000

/** Connections to a server that are used again and again. */
export class Wire {
  readonly #url: URL
  readonly #agent: Agent

  constructor(url: string, { connections }: { readonly connections: number }) {
    this.#url = new URL(url)
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** Rejects where there is no answer. */
  ask({ method, target, headers, body }: WireRequest): Promise<Answer> {
    const { hostname, port } = this.#url
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) }
      const outgoing = request({
        agent: this.#agent,
        hostname,
        port,
        method,
        path: target,
        headers: { ...headers, ...length },
        timeout: MOST_MS,
      })
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer in ${MOST_MS / 1000} s`)))
      outgoing.on("error", reject)
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = []
        const answer = () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
            ms: performance.now() - began,
          })
        incoming.on("error", reject)
        incoming.on("data", (chunk: Buffer) => {
          chunks.push(chunk)
          if (incoming.headers["content-type"] !== "text/event-stream") return
          answer()
          outgoing.destroy()
        })
        incoming.on("end", answer)
      })
      outgoing.end(body)
    })
  }

  close() {
    this.#agent.destroy()
  }
}
