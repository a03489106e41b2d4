import type { ServerResponse } from "node:http"
import type { Principal } from "@aegis/policy"
import type { Idempotency } from "@aegis/session-core"

/** What comes with a request. */
export interface Env {
  Variables: RequestVariables
  Bindings: {
    /** By which door a request comes that does not come over HTTP. */
    readonly door?: "ws"
    /** The answer of one that does. */
    readonly outgoing?: ServerResponse
    /** Where it comes from; absent for one that this process makes. */
    readonly address?: string
  }
}

/** What a handler may rely on. */
interface RequestVariables {
  requestId: string
  /** Absent only on public operations. */
  principal: Principal | undefined
  /** Which door: pages come with a cookie, programs with a token. */
  via: "rest" | "dashboard" | "ws"
  /** Of a write that is to happen once. */
  idempotency: Idempotency | undefined
  /** Of a stream's token: milliseconds since the epoch. */
  streamExpiresAt: number | undefined
}
