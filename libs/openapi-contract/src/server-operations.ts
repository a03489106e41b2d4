import { z } from "@hono/zod-openapi"
import { SessionStatsSchema } from "./metrics-schemas.ts"
import { defineOperation, json, problems } from "./operation.ts"
import { HealthSchema } from "./schemas.ts"

const count = z.int().nonnegative()
const bytes = count.openapi({ description: "Bytes." })
const milliseconds = z.number().nonnegative()

const ProcessSchema = z
  .object({
    memory: z.object({ rss: bytes, heapUsed: bytes, heapTotal: bytes, external: bytes }),
    cpuSeconds: z.number().nonnegative(),
    eventLoop: z.object({
      utilization: z.number().min(0).max(1),
      p50Ms: milliseconds,
      p99Ms: milliseconds,
      maxMs: milliseconds,
    }),
    streams: count.openapi({ description: "Event streams and WebSockets that are open." }),
    requests: z.object({
      total: count,
      refused: count.openapi({ description: "With 400 to 499." }),
      failed: count.openapi({ description: "With 500 or more." }),
    }),
  })
  .openapi("Process", { description: "How the server's process is, since its start." })

export const getMetrics = defineOperation(
  {
    method: "get",
    path: "/v1/metrics",
    operationId: "getMetrics",
    summary: "What the sessions have done, and how the server is",
    description: "Of the sessions that the credential may read; the process only for those of the server's own tenant.",
    tags: ["Metrics"],
    responses: {
      200: json(
        z
          .object({ uptime: z.number(), sessions: SessionStatsSchema, process: ProcessSchema.optional() })
          .openapi("Metrics"),
        "The metrics.",
      ),
      ...problems(401, 403),
    },
  },
  { permission: "metrics.read", audit: "none" },
)

export const getPrometheusMetrics = defineOperation(
  {
    method: "get",
    path: "/metrics",
    operationId: "getPrometheusMetrics",
    summary: "The metrics since the server's start, for Prometheus",
    description:
      "A key reads its tenant's; all tenants' the local token, and the one of `metrics.token` (`AEGIS_METRICS_TOKEN`), which opens nothing else.",
    tags: ["Metrics"],
    responses: {
      200: {
        description: "In Prometheus' text format.",
        content: { "text/plain": { schema: z.string() } },
      },
      ...problems(401, 403),
    },
  },
  { permission: "metrics.read", audit: "none" },
)

const DiagnosticsSchema = z
  .object({
    at: z.iso.datetime(),
    health: HealthSchema,
    node: z.string(),
    platform: z.string(),
    arch: z.string(),
    storageSettings: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .openapi({ description: "As the storage itself says." }),
    agents: z.array(
      z.object({
        name: z.string(),
        installed: z.boolean(),
        version: z.string().optional(),
        remedy: z.string().optional().openapi({ description: "What to do where it is not installed." }),
      }),
    ),
    process: ProcessSchema.optional(),
    handles: z
      .record(z.string(), count)
      .optional()
      .openapi({ description: "What keeps the process alive, by Node.js' names of it." }),
    config: z
      .array(
        z.object({
          key: z.string(),
          value: z.unknown().optional(),
          isDefault: z.boolean(),
        }),
      )
      .optional()
      .openapi({ description: "Without secrets." }),
    failures: z
      .array(z.object({ at: z.iso.datetime(), requestId: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: "The last requests that failed by the server's fault, the newest first." }),
  })
  .openapi("Diagnostics")

export const getDiagnostics = defineOperation(
  {
    method: "get",
    path: "/v1/diagnostics",
    operationId: "getDiagnostics",
    summary: "What one looks at when something is wrong",
    description: "Without secrets. What is the server's alone only those of its own tenant see.",
    tags: ["System"],
    responses: { 200: json(DiagnosticsSchema, "The diagnostics."), ...problems(401, 403) },
  },
  { permission: "session.admin", audit: "none" },
)
