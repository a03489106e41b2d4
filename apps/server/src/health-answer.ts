import type { Context } from "hono"
import type { Env } from "./request-env.ts"
import { audienceOfCaller, type RouteParts } from "./routes.ts"

/** How the server is, for who has shown a credential. */
export async function healthOf(context: Context<Env>, parts: RouteParts) {
  const { aegis, audit, uptime, version } = parts
  const { engine, version: engineVersion, durable, failure } = aegis.describeStorage()
  const storage = { engine, version: engineVersion, durable, head: aegis.head(), ...(failure ? { failure } : {}) }
  const stop = await aegis.currentStop()
  const sessions = await aegis.metrics.byStatus(audienceOfCaller(context, parts))
  return {
    status: statusOf(parts),
    uptime: uptime(),
    version,
    ...(stop ? { stop } : {}),
    sessions,
    storage,
    audit: audit.status,
  }
}

/** Whether the last writes went well. */
export function statusOf({ aegis, audit }: Pick<RouteParts, "aegis" | "audit">) {
  const isWell = aegis.describeStorage().failure === undefined && audit.status.status === "ok"
  return isWell ? ("ok" as const) : ("degraded" as const)
}
