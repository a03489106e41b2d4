import { Agent, type IncomingHttpHeaders, request } from "node:http"

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Of a stream: the frames that came first, whole. */
  readonly text: string
  /** The longest time without a byte of it, from the last one asked on; of a stream to the first. */
  readonly ms: number
}

export interface WireRequest {
  readonly method: string
  /** With its query, as it stands on the wire. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/** None is silent for longer. */
const MOST_MS = 60_000

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
    let heardAt = performance.now()
    let longest = 0
    const hear = () => {
      longest = Math.max(longest, performance.now() - heardAt)
      heardAt = performance.now()
    }
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
        const isStream = incoming.headers["content-type"] === "text/event-stream"
        const text = () => Buffer.concat(chunks).toString()
        const frames = () => /^.*\n\n/s.exec(text())?.[0]
        hear()
        const answer = () => {
          hear()
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: (isStream ? frames() : undefined) ?? text(),
            ms: longest,
          })
        }
        incoming.on("error", reject)
        incoming.on("data", (chunk: Buffer) => {
          hear()
          chunks.push(chunk)
          if (!isStream || frames() === undefined) return
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
