import { OpenAPIHono } from "@hono/zod-openapi"
import { createMiddleware } from "hono/factory"
import { requestId } from "hono/request-id"
import type { Logger } from "pino"
import { addApprovalRoutes } from "./approval-routes.ts"
import { addAuditRoutes } from "./audit-routes.ts"
import { authenticate } from "./authorize-request.ts"
import { addBatchRoutes } from "./batch-routes.ts"
import type { DashboardFiles } from "./dashboard-files.ts"
import { addDashboardRoutes } from "./dashboard-routes.ts"
import { addDiffRoutes } from "./diff-routes.ts"
import { addDriverRoutes } from "./driver-routes.ts"
import { addEventRoutes } from "./event-routes.ts"
import { addExportRoutes } from "./export-routes.ts"
import { type GuardRequestOptions, guardRequest, requireJson, secureHeaders } from "./guard-request.ts"
import { addHookRoutes } from "./hook-routes.ts"
import { addKeyRoutes } from "./key-routes.ts"
import { addMcpDoor, type McpDoorParts } from "./mcp-door.ts"
import { addMemoryRoutes } from "./memory-routes.ts"
import { addMetricsRoutes } from "./metrics-routes.ts"
import { addPipelineRoutes } from "./pipeline-routes.ts"
import { addPolicyRoutes } from "./policy-routes.ts"
import { isFailure, problemReply, RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import type { App } from "./routes.ts"
import { addRoutineRoutes } from "./routine-routes.ts"
import { addScreenshotRoutes } from "./screenshot-routes.ts"
import type { ServerMetrics } from "./server-metrics.ts"
import { addServerRoutes } from "./server-routes.ts"
import { addSessionRoutes } from "./session-routes.ts"
import { addSwarmRoutes } from "./swarm-routes.ts"
import { addSystemRoutes } from "./system-routes.ts"
import { addTemplateRoutes } from "./template-routes.ts"

export interface CreateAppOptions extends McpDoorParts, GuardRequestOptions {
  readonly logger: Logger
  /** `disabled`: there is none; undefined: it is not built. */
  readonly dashboard: DashboardFiles | "disabled" | undefined
}

/** The HTTP door. Order: Host, Origin, how often, media type, credential, permission, body, the one call. */
export function createApp({ logger, dashboard, hosts, origins, ...parts }: CreateAppOptions): App {
  const app = new OpenAPIHono<Env>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw result.error
    },
  })
  app.use(requestId())
  app.use(logRequests(logger, parts.metrics))
  app.use(secureHeaders)
  app.use(guardRequest({ hosts, origins }))
  app.use(parts.limits.byAddress)
  app.use(requireJson)
  addSystemRoutes(app, parts)
  addServerRoutes(app, parts)
  addPolicyRoutes(app, parts)
  addKeyRoutes(app, parts)
  addMemoryRoutes(app, parts)
  addTemplateRoutes(app, parts)
  addPipelineRoutes(app, parts)
  addRoutineRoutes(app, parts)
  // Before those of one: its word would be one's id.
  addBatchRoutes(app, { ...parts, logger })
  addMetricsRoutes(app, parts)
  addSessionRoutes(app, parts)
  addDriverRoutes(app, parts)
  addScreenshotRoutes(app, parts)
  addSwarmRoutes(app, parts)
  addApprovalRoutes(app, parts)
  addDiffRoutes(app, parts)
  addExportRoutes(app, parts)
  addEventRoutes(app, parts)
  addAuditRoutes(app, parts)
  addHookRoutes(app, { ...parts, logger })
  addMcpDoor(app, parts)
  if (dashboard !== "disabled") addDashboardRoutes(app, dashboard)
  app.notFound(async (context) => {
    // Without a credential nobody learns what there is.
    const known = (await authenticate(context, parts)).holder !== undefined
    const problem = known
      ? new RequestProblem("not-found", `There is no ${context.req.method} ${context.req.path} here.`)
      : new RequestProblem(
          "credential-missing",
          "Send a valid credential: Authorization: Bearer with the token of `ag token`.",
        )
    return problemReply(context, problem, context.get("requestId"))
  })
  app.onError((error, context) => {
    const reply = problemReply(context, error, context.get("requestId"))
    if (isFailure(reply.status) && !hasLeft(error, context.req.raw)) {
      logger.error({ requestId: context.get("requestId"), error }, "request failed")
      parts.failures.note(context.get("requestId"), error)
    }
    return reply
  })
  return app
}

/** Whoever leaves in the middle of what they send is no failure of the server's, and is not there to be answered. */
function hasLeft(error: Error, { signal }: Request) {
  return signal.aborted && "code" in error && error.code === "ECONNRESET"
}

// Path only: a query may carry a stream's token. As it was sent, without what a terminal would obey or a reader of lines end
// a line at (spec/threats.md, C9).
function logRequests(logger: Logger, metrics: ServerMetrics) {
  return createMiddleware<Env>(async (context, next) => {
    const began = performance.now()
    await next()
    const { method, path } = context.req
    const { status } = context.res
    const ms = performance.now() - began
    metrics.answered({ operation: context.get("operation") ?? "none", status, ms })
    logger.debug(
      {
        requestId: context.get("requestId"),
        method,
        path: PLAIN.test(path) ? path : new URL(context.req.url).pathname,
        status,
        ms: Math.round(ms),
      },
      "request",
    )
  })
}

/** What shows as it is everywhere. */
const PLAIN = /^[\x21-\x7e]*$/
