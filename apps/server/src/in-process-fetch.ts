import { AsyncLocalStorage } from "node:async_hooks"
import type { Env } from "./request-env.ts"
import type { App } from "./routes.ts"

type Door = NonNullable<Env["Bindings"]["door"]>

export interface InProcessFetchOptions {
  readonly app: Pick<App, "fetch">
  readonly door: Door
  /** Where this server reaches itself. */
  readonly url: () => string
}

/**
 * Asks this server without a connection, as a door of it: what comes by it passes all that a request passes, and events say by
 * which door it came.
 */
export class InProcessFetch {
  readonly #options: InProcessFetchOptions
  readonly #address = new AsyncLocalStorage<string | undefined>()

  constructor(options: InProcessFetchOptions) {
    this.#options = options
  }

  /** What is asked on behalf of the work comes from that address. */
  from<T>(address: string | undefined, work: () => T): T {
    return this.#address.run(address, work)
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const { app, door, url } = this.#options
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    request.headers.set("Host", new URL(url()).host)
    const address = this.#address.getStore()
    return untilAborted(request.signal, app.fetch(request, { door, ...(address === undefined ? {} : { address }) }))
  }
}

/** As over a connection: who gives up waits no longer, whatever becomes of what was asked. */
async function untilAborted<T>(signal: AbortSignal, answering: T | Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason as Error)
  signal.addEventListener("abort", leave, { once: true })
  try {
    return await Promise.race([aborted, answering])
  } finally {
    signal.removeEventListener("abort", leave)
  }
}
