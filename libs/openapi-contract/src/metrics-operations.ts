import { z } from "@hono/zod-openapi"
import {
  CostAnalyticsSchema,
  RateLimitAnalyticsSchema,
  SessionCostSchema,
  SessionLatencySchema,
  SessionMetricsSchema,
  SessionStatsSchema,
  SessionSummarySchema,
  SessionsHealthSchema,
  ToolUseListSchema,
  timeRange,
  UsageAnalyticsSchema,
} from "./metrics-schemas.ts"
import { defineOperation, json, pageQuery, problems } from "./operation.ts"
import { sessionParams as params } from "./session-operations.ts"

const tags = ["Metrics"]

export const getSessionMetrics = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/metrics",
    operationId: "getSessionMetrics",
    summary: "What a session has done so far, in numbers",
    tags,
    request: { params },
    responses: { 200: json(SessionMetricsSchema, "Its numbers."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none", mcp: "get_session_metrics" },
)

export const getSessionLatency = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/latency",
    operationId: "getSessionLatency",
    summary: "How long things took in a session",
    tags,
    request: { params },
    responses: { 200: json(SessionLatencySchema, "Its times."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none", mcp: "get_session_latency" },
)

export const getSessionTools = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/tools",
    operationId: "getSessionTools",
    summary: "The tools that a session's agent has used",
    tags,
    request: { params },
    responses: { 200: json(ToolUseListSchema, "Its tools."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const getSessionCost = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/cost",
    operationId: "getSessionCost",
    summary: "What a session has cost, in all and by turn",
    tags,
    request: { params, query: pageQuery },
    responses: { 200: json(SessionCostSchema, "Its cost, and a page of its turns."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const getSessionSummary = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/summary",
    operationId: "getSessionSummary",
    summary: "A session's transcript in short",
    description: "What it was asked first and last, what its agent said last, and what it did on the way.",
    tags,
    request: { params },
    responses: { 200: json(SessionSummarySchema, "The summary."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none", mcp: "get_session_summary" },
)

export const getSessionStats = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/stats",
    operationId: "getSessionStats",
    summary: "What all sessions have done so far, in numbers",
    description: "Of those that the credential may read.",
    tags,
    responses: { 200: json(SessionStatsSchema, "The numbers."), ...problems(401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

export const getSessionsHealth = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/health",
    operationId: "getSessionsHealth",
    summary: "How the sessions are that have not ended, newest first",
    tags,
    request: { query: pageQuery },
    responses: { 200: json(SessionsHealthSchema, "A page of them."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

export const listTools = defineOperation(
  {
    method: "get",
    path: "/v1/tools",
    operationId: "listTools",
    summary: "The tools that agents have used",
    description: "In the sessions that the credential may read.",
    tags,
    request: { query: z.strictObject(timeRange) },
    responses: { 200: json(ToolUseListSchema, "The tools."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

/** Of what has a key, and of what has none. */
const groupings = ["day", "agent", "model", "key", "label"] as const

function analyticsQuery<const By extends readonly [string, ...string[]]>(by: By) {
  return z
    .strictObject({
      ...timeRange,
      by: z
        .enum(by)
        .default(by[0] as never)
        .openapi({ description: "What is told apart." }),
      label: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .openapi({ description: "Which label, where it is told apart by one." }),
      limit: z.coerce.number().int().min(1).max(1000).default(400).openapi({ description: "How many groups at most." }),
    })
    .refine(({ by: wanted, label }) => (wanted === "label") === (label !== undefined), {
      message: "Name the label that is told apart by, and only then.",
      path: ["label"],
    })
}

export const getCostAnalytics = defineOperation(
  {
    method: "get",
    path: "/v1/analytics/costs",
    operationId: "getCostAnalytics",
    summary: "What turns have cost, by day, agent, model, key or label",
    description: "Of the turns that ended within the time, in the sessions that the credential may read.",
    tags,
    request: { query: analyticsQuery(groupings) },
    responses: { 200: json(CostAnalyticsSchema, "The costs."), ...problems(400, 401, 403) },
  },
  { permission: "metrics.read", audit: "none" },
)

export const getUsageAnalytics = defineOperation(
  {
    method: "get",
    path: "/v1/analytics/usage",
    operationId: "getUsageAnalytics",
    summary: "Turns and tokens, by day, agent, model, key or label",
    description: "Of the turns that ended within the time, in the sessions that the credential may read.",
    tags,
    request: { query: analyticsQuery(groupings) },
    responses: { 200: json(UsageAnalyticsSchema, "The usage."), ...problems(400, 401, 403) },
  },
  { permission: "metrics.read", audit: "none" },
)

export const getRateLimitAnalytics = defineOperation(
  {
    method: "get",
    path: "/v1/analytics/rate-limits",
    operationId: "getRateLimitAnalytics",
    summary: "How often providers wanted agents to wait, by day, agent, model or label",
    tags,
    request: { query: analyticsQuery(["day", "agent", "model", "label"]) },
    responses: { 200: json(RateLimitAnalyticsSchema, "The limits that were hit."), ...problems(400, 401, 403) },
  },
  { permission: "metrics.read", audit: "none" },
)
