import { auditOf, isGrant } from "@aegis/openapi-contract"
import { SessionError } from "@aegis/session-core"
import type { RouteConfig } from "@hono/zod-openapi"
import type { Context } from "hono"
import { createMiddleware } from "hono/factory"
import { authorizeRequest } from "./authorize-request.ts"
import { idempotencyOf } from "./idempotency-of.ts"
import { limitBody } from "./limit-body.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import type { RouteParts } from "./routes.ts"

/** The operation as a route of this server: authorized by its marks before its body is looked at. */
export function guarded<const Operation extends RouteConfig>(operation: Operation, parts: RouteParts) {
  const authorizing = createMiddleware<Env>(async (context, next) => {
    context.set("operation", operation.operationId ?? "")
    await authorizeRequest(context, operation, parts).catch(async (error: unknown): Promise<never> => {
      await noteDenial(error, { context, operation, parts })
      throw error
    })
    if (isGrant(operation)) await parts.audit.check()
    // What is not there would be read as an object with nothing in it.
    if (operation.request?.body?.required === true && context.req.header("Content-Type") === undefined)
      throw new RequestProblem("body-invalid", "This operation needs a body: send it as application/json.")
    await limitBody(context)
    context.set("idempotency", await idempotencyOf(context))
    await next()
    // What the operation itself has refused.
    await noteDenial(context.error, { context, operation, parts })
  })
  const path = toRoutingPath(operation.path)
  return { ...operation, path: path as Operation["path"], middleware: authorizing, getRoutingPath: () => path }
}

/** Keys of memory have slashes, which may come as they are. */
function toRoutingPath(path: string) {
  return path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => (name === "key" ? ":key{.+}" : `:${name}`))
}

interface NoteDenialOptions {
  readonly context: Context<Env>
  readonly operation: RouteConfig
  readonly parts: RouteParts
}

/** Who tries what they may not is in the trail, where it would have changed something (spec/threats.md, A8). */
async function noteDenial(error: unknown, { context, operation, parts }: NoteDenialOptions) {
  const holder = context.get("holder")
  const isMissing = error instanceof RequestProblem && error.code === "permission-missing"
  const isDenial = isMissing || (SessionError.is(error) && error.code === "labels-ruled")
  if (!isDenial || holder === undefined || auditOf(operation) === "none") return
  await parts.notes.denied(holder, { operation: operation.operationId ?? "", via: context.get("via") })
}
