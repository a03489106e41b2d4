import { AegisProblem } from "./aegis-problem.ts"
import { type Client, createClient } from "./generated/client/index.ts"
import { patientFetch } from "./patient-fetch.ts"

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface CallerOptions {
  readonly fetch?: typeof fetch
}

interface Answer<T> {
  readonly data?: T
  readonly error?: unknown
  readonly response?: Response
}

/** Where calls go, with which credential, and how their failures come back. */
export class Caller {
  readonly baseUrl: string
  protected readonly fetch: typeof fetch
  readonly #client: Client

  /** Without a token a browser's cookie session is used. */
  constructor(baseUrl: string, token?: string, options: CallerOptions = {}) {
    this.baseUrl = baseUrl.replace(/\/+$/, "")
    this.fetch = patientFetch(options.fetch ?? globalThis.fetch.bind(globalThis), this.baseUrl)
    this.#client = createClient({
      baseUrl: this.baseUrl,
      fetch: this.fetch,
      credentials: "same-origin",
      auth: ({ type }) => (type === "http" ? token : undefined),
    })
  }

  protected request(options: CallOptions = {}) {
    return { client: this.#client, ...(options.signal ? { signal: options.signal } : {}) }
  }

  protected async call<T>(answering: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await answering
    if (response?.ok) return data as T
    if (response) throw AegisProblem.fromAnswer(error, response)
    throw error
  }
}
