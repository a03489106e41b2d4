import { SessionStatusSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import { SessionHealthSchema } from "./schemas.ts"

const instant = z.iso.datetime()
const count = z.int().nonnegative()
const cost = count.openapi({ description: "Millionths of a US dollar." })

const TokensSchema = z
  .object({
    totalTokens: count,
    inputTokens: count,
    outputTokens: count,
    thoughtTokens: count,
    cachedReadTokens: count,
    cachedWriteTokens: count,
  })
  .openapi("Tokens", { description: "As agents tell them at the end of each turn." })

const milliseconds = z.number().nonnegative().optional()
const PercentilesSchema = z
  .object({ count, p50: milliseconds, p90: milliseconds, p99: milliseconds, max: milliseconds })
  .openapi("Percentiles", {
    description: "In milliseconds; each is a time that was measured. Where there is none, there is only the count.",
  })

export const SessionMetricsSchema = z
  .object({
    sessionId: z.uuid(),
    status: SessionStatusSchema,
    createdAt: instant,
    lastActivity: instant,
    turns: z.object({
      ended: count,
      failed: count.openapi({ description: "Of those that ended." }),
      running: count,
      queued: count,
    }),
    messages: z.object({
      user: count,
      agent: count.openapi({ description: "Its thoughts too." }),
    }),
    toolCalls: z.object({ ended: count, failed: count, running: count }),
    approvals: z.object({ asked: count, approved: count, rejected: count, open: count }),
    rateLimits: count.openapi({ description: "How often a provider wanted the agent to wait." }),
    tokens: TokensSchema,
    cost,
    context: z
      .object({ used: z.number(), size: z.number() })
      .optional()
      .openapi({ description: "Tokens of context used, and its size." }),
  })
  .openapi("SessionMetrics")

export const SessionLatencySchema = z
  .object({
    queue: PercentilesSchema.openapi({ description: "How long prompts waited for their turn." }),
    firstOutput: PercentilesSchema.openapi({
      description: "From a turn's start to the first thing that its agent said or did.",
    }),
    turn: PercentilesSchema.openapi({ description: "How long turns took." }),
    tool: PercentilesSchema.openapi({ description: "How long calls took, without waiting for somebody." }),
    approval: PercentilesSchema.openapi({ description: "How long approvals waited for a person." }),
  })
  .openapi("SessionLatency")

const ToolUseSchema = z
  .object({
    name: z.string(),
    kind: z.string().optional().openapi({ description: "The protocol's kind of tool.", example: "edit" }),
    calls: count,
    failed: count,
    asked: count.openapi({ description: "How often a call had to be approved." }),
    approved: count,
    rejected: count,
    duration: PercentilesSchema,
  })
  .openapi("ToolUse")

export const ToolUseListSchema = z
  .object({ items: z.array(ToolUseSchema).openapi({ description: "The most used first." }) })
  .openapi("ToolUseList")

const TurnCostSchema = z
  .object({
    turnId: z.string(),
    seq: z.int().openapi({ description: "The event of its end." }),
    endedAt: instant,
    stopReason: z.string().nullable(),
    error: z.string().nullable().openapi({ description: "The code of its problem." }),
    durationMs: count.nullable().openapi({ description: "null: it never began." }),
    tokens: TokensSchema,
    cost,
  })
  .openapi("TurnCost")

export const SessionCostSchema = z
  .object({
    cost: cost.openapi({ description: "Millionths of a US dollar, of the running turn too." }),
    tokens: TokensSchema,
    items: z.array(TurnCostSchema).openapi({ description: "The turns that have ended, newest first." }),
    nextCursor: z.string().optional(),
  })
  .openapi("SessionCost")

const ShortTextSchema = z
  .object({ id: z.int().openapi({ description: "Of the message." }), text: z.string(), timestamp: instant })
  .openapi("ShortText", { description: "Long ones end with `…`." })

export const SessionSummarySchema = z
  .object({
    sessionId: z.uuid(),
    name: z.string(),
    status: SessionStatusSchema,
    agent: z.string(),
    workDir: z.string(),
    createdAt: instant,
    lastActivity: instant,
    firstPrompt: ShortTextSchema.optional(),
    lastPrompt: ShortTextSchema.optional(),
    lastAnswer: ShortTextSchema.optional(),
    tools: z.array(ToolUseSchema),
    changedFiles: z.array(z.string()).openapi({ description: "As the agent says, each once; the first 200 of them." }),
    pendingApprovals: count,
    pendingQuestion: z.string().optional(),
    failure: z.object({ code: z.string(), message: z.string() }).optional(),
    metrics: SessionMetricsSchema,
  })
  .openapi("SessionSummary")

export const SessionStatsSchema = z
  .object({
    sessions: count,
    byStatus: z.record(z.string(), count),
    byAgent: z.record(z.string(), count),
    turns: z.object({ ended: count, failed: count }),
    toolCalls: z.object({ ended: count, failed: count }),
    approvals: z.object({ asked: count, approved: count, rejected: count }),
    rateLimits: count,
    tokens: TokensSchema,
    cost,
  })
  .openapi("SessionStats")

export const SessionsHealthSchema = z
  .object({
    items: z.array(SessionHealthSchema.extend({ sessionId: z.uuid(), name: z.string() }).openapi("NamedHealth")),
    nextCursor: z.string().optional(),
  })
  .openapi("SessionsHealth")

/** Of a time, ISO 8601 UTC: the last thirty days where nothing is said. */
export const timeRange = {
  from: instant.optional().openapi({ description: "Absent: thirty days before the end." }),
  to: instant.optional().openapi({ description: "Absent: now. At most 366 days behind `from`." }),
}

const analyticsGroup = {
  group: z.string().openapi({ description: "A day (UTC), an agent, a model …; `none` where there is none." }),
  sessions: count,
}

function analyticsOf<const Item extends z.ZodRawShape, const Total extends z.ZodRawShape>(
  name: string,
  { item, total }: { readonly item: Item; readonly total: Total },
) {
  return z
    .object({
      from: instant,
      to: instant,
      by: z.string(),
      items: z.array(z.object({ ...analyticsGroup, ...item }).openapi(`${name}Group`)).openapi({
        description: "Days in their order, all others by what there is most of first.",
      }),
      total: z.object(total).openapi({ description: "Of all groups, also of those that are not shown." }),
      hasMore: z.boolean().openapi({ description: "There are more groups than `limit`." }),
    })
    .openapi(name)
}

const costs = { cost, turns: count, totalTokens: count }
export const CostAnalyticsSchema = analyticsOf("CostAnalytics", { item: costs, total: costs })

const usage = {
  turns: count,
  failedTurns: count,
  durationMs: count.openapi({ description: "How long turns ran." }),
  tokens: TokensSchema,
}
export const UsageAnalyticsSchema = analyticsOf("UsageAnalytics", { item: usage, total: usage })

const hits = { hits: count, longestWaitMs: count, lastAt: instant }
export const RateLimitAnalyticsSchema = analyticsOf("RateLimitAnalytics", { item: hits, total: { hits: count } })
