import { operations } from "@aegis/openapi-contract"
import { type SessionMetrics, type SessionSummary, tokensOf, totalOf } from "@aegis/session-core"
import { analyticsOf, groupingOf, rangeOf } from "./analytics-answer.ts"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { type App, audienceOfCaller, type RouteParts } from "./routes.ts"
import { toHealth } from "./session-wire.ts"
import { toStats } from "./stats-answer.ts"

/** Routes of what sessions have done and cost. Those without a session's id in their path come before those with one. */
export function addMetricsRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.getSessionStats, parts), async (context) => {
    return context.json(toStats(await aegis.metrics.totals(audienceOfCaller(context, parts))), 200)
  })

  app.openapi(guarded(operations.getSessionsHealth, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const owner = audienceOfCaller(context, parts)
    const { items, next } = await aegis.listHealth({
      ...owner,
      limit,
      after: placeOf(after),
    })
    const shown = items.map(({ session, health }) => ({
      sessionId: session.id,
      name: session.name,
      ...toHealth(health),
    }))
    return context.json({ items: shown, ...cursorOf(next) }, 200)
  })

  app.openapi(guarded(operations.getSessionMetrics, parts), async (context) =>
    context.json(await aegis.getMetrics(context.req.param("id")), 200),
  )

  app.openapi(guarded(operations.getSessionLatency, parts), async (context) =>
    context.json(await aegis.metrics.latency(context.req.param("id")), 200),
  )

  app.openapi(guarded(operations.getSessionTools, parts), async (context) =>
    context.json({ items: [...(await aegis.metrics.sessionTools(context.req.param("id")))] }, 200),
  )

  app.openapi(guarded(operations.getSessionCost, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const sessionId = context.req.param("id")
    const counters = await aegis.metrics.counters(sessionId)
    const page = { limit, after: placeOf(after) }
    const { turns, next } = await aegis.metrics.turns(sessionId, page)
    const items = turns.map(({ turnId, seq, endedAt, stopReason, error, durationMs, ...spent }) => ({
      ...{ turnId, seq, endedAt, stopReason, error, durationMs },
      tokens: tokensOf(spent),
      cost: spent.cost,
    }))
    return context.json({ cost: counters.cost, tokens: tokensOf(counters), items, ...cursorOf(next) }, 200)
  })

  app.openapi(guarded(operations.getSessionSummary, parts), async (context) =>
    context.json(toSummary(await aegis.summarize(context.req.param("id"))), 200),
  )

  app.openapi(guarded(operations.listTools, parts), async (context) => {
    const range = rangeOf(context.req.valid("query"), new Date())
    return context.json({ items: [...(await aegis.metrics.tools(audienceOfCaller(context, parts), range))] }, 200)
  })

  app.openapi(guarded(operations.getCostAnalytics, parts), async (context) => {
    const query = context.req.valid("query")
    const range = rangeOf(query, new Date())
    const owner = audienceOfCaller(context, parts)
    const groups = await aegis.metrics.analyseTurns({ ...range, owner, by: groupingOf(query) })
    const items = groups.map(({ group, sessions, cost, turns, totalTokens }) => {
      return { group, sessions, cost, turns, totalTokens }
    })
    const total = { cost: sum(items, "cost"), turns: sum(items, "turns"), totalTokens: sum(items, "totalTokens") }
    return context.json({ ...range, ...analyticsOf(items, { ...query, most: "cost" }), total }, 200)
  })

  app.openapi(guarded(operations.getUsageAnalytics, parts), async (context) => {
    const query = context.req.valid("query")
    const range = rangeOf(query, new Date())
    const owner = audienceOfCaller(context, parts)
    const groups = await aegis.metrics.analyseTurns({ ...range, owner, by: groupingOf(query) })
    const items = groups.map(({ group, sessions, turns, failedTurns, durationMs, ...spent }) => {
      return { group, sessions, turns, failedTurns, durationMs, tokens: tokensOf(spent) }
    })
    const { turns, failedTurns, durationMs, ...spent } = totalOf(groups)
    const total = { turns, failedTurns, durationMs, tokens: tokensOf(spent) }
    return context.json({ ...range, ...analyticsOf(items, { ...query, most: "turns" }), total }, 200)
  })

  app.openapi(guarded(operations.getRateLimitAnalytics, parts), async (context) => {
    const query = context.req.valid("query")
    const range = rangeOf(query, new Date())
    const owner = audienceOfCaller(context, parts)
    const groups = await aegis.metrics.analyseRateLimits({ ...range, owner, by: groupingOf(query) })
    const total = { hits: sum(groups, "hits") }
    return context.json({ ...range, ...analyticsOf(groups, { ...query, most: "hits" }), total }, 200)
  })
}

function sum<Name extends string>(items: readonly { readonly [N in Name]: number }[], name: Name) {
  return items.reduce((total, item) => total + item[name], 0)
}

function toSummary({ session, metrics, tools, changedFiles, ...texts }: SessionSummary) {
  const { id: sessionId, name, status, agent, workDir, createdAt, lastActivity } = session
  const { pendingApprovals, pendingQuestion, failure } = session
  return {
    ...{ sessionId, name, status, agent, workDir, createdAt, lastActivity },
    ...texts,
    tools: [...tools],
    changedFiles: [...changedFiles],
    pendingApprovals,
    ...(pendingQuestion ? { pendingQuestion: pendingQuestion.message } : {}),
    ...(failure ? { failure } : {}),
    metrics: metrics satisfies SessionMetrics,
  }
}
