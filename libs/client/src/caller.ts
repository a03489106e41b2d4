import { AegisProblem } from "./aegis-problem.ts"
import { type Client, createClient } from "./generated/client/index.gen.ts"
import { patientFetch } from "./patient-fetch.ts"

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface WriteOptions extends CallOptions {
  /**
   * Makes the write happen once, however often it is called with the same key within 24 hours. Absent: a new one for each
   * call, so that what this client tries again by itself has no second effect.
   */
  readonly idempotencyKey?: string | undefined
}

export interface ReplaceOptions extends WriteOptions {
  /** The version that was read: where there is another one by now, nothing is changed (`version-mismatch`). */
  readonly ifVersion?: number | undefined
}

export interface CallerOptions {
  /** Called with a `Request`; for tests, proxies, and a server in the same process. */
  readonly fetch?: typeof fetch | undefined
  /** What `exchangeLoginCode` gave: without it a browser's cookie session opens nothing. */
  readonly pageToken?: string | undefined
  /** Ends every call and every stream of this client. */
  readonly signal?: AbortSignal | undefined
}

interface Answer<T> {
  readonly data?: T | undefined
  readonly error?: unknown
  readonly request?: Request | undefined
  readonly response?: Response | undefined
}

/** Where calls go, with which credential, and how their failures come back. */
export class Caller {
  readonly baseUrl: string
  protected readonly fetch: typeof fetch
  protected readonly credentials: "same-origin" | "omit"
  readonly #signal: AbortSignal | undefined
  readonly #client: Client

  /** Without a token a browser's cookie session is used, with its page token. */
  constructor(baseUrl: string, token?: string, options: CallerOptions = {}) {
    this.baseUrl = withoutSlash(baseUrl)
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis)
    this.credentials = token === undefined ? "same-origin" : "omit"
    this.#signal = options.signal
    this.#client = createClient({
      baseUrl: this.baseUrl,
      fetch: patientFetch(this.fetch),
      credentials: this.credentials,
      parseAs: "json",
      auth: ({ type, name }) => (type === "http" ? token : name === PAGE_TOKEN ? options.pageToken : undefined),
    })
  }

  protected request({ signal }: CallOptions = {}) {
    const ending = this.endingOf(signal)
    return { client: this.#client, ...(ending ? { signal: ending } : {}) }
  }

  protected write({ idempotencyKey = newKey(), ...options }: WriteOptions = {}) {
    return { ...this.request(options), headers: { "Idempotency-Key": idempotencyKey } }
  }

  protected replace({ ifVersion, ...options }: ReplaceOptions = {}) {
    const { headers, ...request } = this.write(options)
    return { ...request, headers: { ...headers, ...(ifVersion === undefined ? {} : { "If-Match": `"${ifVersion}"` }) } }
  }

  /** What ends a call: its own signal or the client's. */
  protected endingOf(signal: AbortSignal | undefined) {
    return signal && this.#signal ? AbortSignal.any([signal, this.#signal]) : (signal ?? this.#signal)
  }

  protected async call<T>(answering: Promise<Answer<T>>): Promise<T> {
    const { data, error, request, response } = await answering
    if (error === undefined) return data as T
    if (request?.signal.aborted) throw request.signal.reason
    if (response && !response.ok) throw AegisProblem.fromAnswer(error, response)
    if (response && error instanceof SyntaxError) throw AegisProblem.unreadable(response.status, { cause: error })
    throw AegisProblem.unreachable(this.baseUrl, error)
  }

  /** An answer whose bytes are read as they come; leaving the loop over them closes the connection. */
  protected async stream(answering: Promise<Answer<unknown>>): Promise<ReadableStream<Uint8Array>> {
    return (await this.call(answering)) as ReadableStream<Uint8Array>
  }
}

const PAGE_TOKEN = "X-Aegis-Page-Token"

// Not randomUUID: browsers have it only where a page came over TLS or from this machine.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function withoutSlash(url: string) {
  let end = url.length
  while (url[end - 1] === "/") end -= 1
  return url.slice(0, end)
}
