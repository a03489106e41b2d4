import type { ServerResponse } from "node:http"
import type { Idempotency } from "@aegis/session-core"
import type { Via } from "./access-notes.ts"
import type { Holder } from "./credentials.ts"

/** What comes with a request. */
export interface Env {
  Variables: RequestVariables
  Bindings: {
    /** By which door a request comes that is none of the REST door's. */
    readonly door?: "ws" | "mcp"
    /** The answer of one that does. */
    readonly outgoing?: ServerResponse
    /** Where it comes from; absent for one that this process makes. */
    readonly address?: string
  }
}

/** What a handler may rely on. */
interface RequestVariables {
  requestId: string
  /** The operationId; absent: the request is for none. */
  operation?: string
  /** Absent only on public operations. */
  holder: Holder | undefined
  /** `seq` of the last event before the credential was looked at. */
  authorizedAt: number
  /** Which door: pages come with a cookie, programs with a token. */
  via: Via
  /** Of a write that is to happen once. */
  idempotency: Idempotency | undefined
}
