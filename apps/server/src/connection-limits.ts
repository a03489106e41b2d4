import type { EventEmitter } from "node:events"
import { networkOf } from "./client-address.ts"
import type { Config } from "./config-schema.ts"
import { RequestProblem } from "./problem-reply.ts"

const RETRY_SECONDS = 5

/** How many event streams and WebSockets there may be: of everybody, and of one address. */
export class ConnectionLimits {
  readonly #limits: Config["sse"]
  readonly #byNetwork = new Map<string, number>()
  #count = 0

  constructor(limits: Config["sse"]) {
    this.#limits = limits
  }

  /** How many there are. */
  get count() {
    return this.#count
  }

  /** Refuses one more. Those that are being let in at the same moment are not counted yet. */
  check(address: string | undefined) {
    const { maxConnections, maxPerIp } = this.#limits
    if (this.#count >= maxConnections) throw full("streams-exhausted", "This server has")
    if (address !== undefined && this.#of(address) >= maxPerIp) throw full("too-many-streams", "Your address has")
  }

  /** Counts it until it is closed. */
  add(connection: EventEmitter, address = "") {
    this.#change(address, 1)
    connection.once("close", () => this.#change(address, -1))
  }

  #of(address: string) {
    return this.#byNetwork.get(networkOf(address)) ?? 0
  }

  #change(address: string, by: 1 | -1) {
    this.#count += by
    const count = this.#of(address) + by
    if (count > 0) this.#byNetwork.set(networkOf(address), count)
    else this.#byNetwork.delete(networkOf(address))
  }
}

function full(code: string, who: string) {
  return new RequestProblem(code, `${who} as many event streams and WebSockets as it may have: close some, or wait.`, {
    retryAfterSeconds: RETRY_SECONDS,
  })
}
