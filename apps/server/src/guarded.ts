import { isGrant } from "@aegis/openapi-contract"
import type { RouteConfig } from "@hono/zod-openapi"
import { createMiddleware } from "hono/factory"
import { authorizeRequest } from "./authorize-request.ts"
import { idempotencyOf } from "./idempotency-of.ts"
import type { Env } from "./request-env.ts"
import type { RouteParts } from "./routes.ts"

/** The operation as a route of this server: authorized by its marks before its body is looked at. */
export function guarded<const Operation extends RouteConfig>(operation: Operation, parts: RouteParts) {
  const authorizing = createMiddleware<Env>(async (context, next) => {
    await authorizeRequest(context, operation, parts)
    if (isGrant(operation)) await parts.audit.check()
    context.set("idempotency", await idempotencyOf(context))
    await next()
  })
  return { ...operation, middleware: authorizing, getRoutingPath: () => operation.path.replaceAll(/\{(.+?)\}/g, ":$1") }
}
