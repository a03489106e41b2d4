import type { RouteConfig } from "@hono/zod-openapi"
import { createMiddleware } from "hono/factory"
import { authorizeRequest } from "./authorize-request.ts"
import { idempotencyOf } from "./idempotency-of.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import type { RouteParts } from "./routes.ts"

/** The operation as a route of this server: authorized by its mark before its body is looked at. */
export function guarded<const Operation extends RouteConfig>(operation: Operation, parts: RouteParts) {
  const authorizing = createMiddleware<Env>(async (context, next) => {
    await authorizeRequest(context, operation, parts)
    // What is not there would be read as an object with nothing in it.
    if (operation.request?.body?.required === true && context.req.header("Content-Type") === undefined)
      throw new RequestProblem("body-invalid", "This operation needs a body: send it as application/json.")
    context.set("idempotency", await idempotencyOf(context))
    await next()
  })
  return { ...operation, middleware: authorizing, getRoutingPath: () => operation.path.replaceAll(/\{(.+?)\}/g, ":$1") }
}
