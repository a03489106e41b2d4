import { type Audience, audienceOf } from "@aegis/policy"
import type { Aegis, Caller } from "@aegis/session-core"
import type { OpenAPIHono } from "@hono/zod-openapi"
import type { Context } from "hono"
import type { AuditTrail } from "./audit-trail.ts"
import type { AuthorizeRequestOptions } from "./authorize-request.ts"
import type { Config } from "./config-schema.ts"
import type { ConnectionLimits } from "./connection-limits.ts"
import type { Holder } from "./credentials.ts"
import type { EventAudiences } from "./event-audience.ts"
import type { RecentFailures } from "./recent-failures.ts"
import type { Env } from "./request-env.ts"
import type { ServerMetrics } from "./server-metrics.ts"
import type { EventStreams } from "./stream-events.ts"

export type App = OpenAPIHono<Env>

/** What routes stand on. */
export interface RouteParts extends AuthorizeRequestOptions {
  readonly aegis: Aegis
  readonly config: Config
  readonly streams: EventStreams
  readonly audiences: EventAudiences
  readonly connections: ConnectionLimits
  readonly audit: AuditTrail
  readonly metrics: ServerMetrics
  readonly failures: RecentFailures
  readonly version: string
  /** Seconds since the start. */
  readonly uptime: () => number
  /** A link that opens the dashboard, once; `expiresAt` in milliseconds since the epoch. */
  readonly createLoginUrl: (holder: Holder) => { readonly url: string; readonly expiresAt: number }
}

/** Who calls an operation that is not public. */
export function holderOf(context: Context<Env>): Holder {
  const holder = context.get("holder")
  if (holder) return holder
  throw new Error("An operation that is not public was reached without a credential.")
}

/** Whose sessions the caller may see. */
export function audienceOfCaller(context: Context<Env>, { config }: Pick<RouteParts, "config">): Audience {
  return audienceOf(holderOf(context).principal, config.sharing)
}

/** The same as the core knows it. */
export function callerOf(context: Context<Env>): Caller {
  const { keyId, userId, tenantId, role, agentOf } = holderOf(context).principal
  const actor = { kind: "key", id: keyId, via: context.get("via") } as const
  return { actor, owner: { userId, tenantId }, role, agentOf, idempotency: context.get("idempotency") }
}
