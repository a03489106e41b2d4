import { arch, platform } from "node:process"
import { operations } from "@aegis/openapi-contract"
import { redactJson } from "@aegis/redact"
import type { AgentListing } from "@aegis/session-core"
import type { Context } from "hono"
import { guarded } from "./guarded.ts"
import { healthOf } from "./health-answer.ts"
import type { Env } from "./request-env.ts"
import { type App, audienceOfCaller, holderOf, type RouteParts } from "./routes.ts"
import { shownConfig } from "./shown-config.ts"
import { toStats } from "./stats-answer.ts"

/** Routes of how the server itself is. */
export function addServerRoutes(app: App, parts: RouteParts) {
  const { aegis, config, metrics, failures, credentials, uptime } = parts

  app.openapi(guarded(operations.getMetrics, parts), async (context) => {
    const sessions = toStats(await aegis.metrics.totals(audienceOfCaller(context, parts)))
    const process = isOfServer(context, parts) ? { process: metrics.process() } : {}
    return context.json({ uptime: uptime(), sessions, ...process }, 200)
  })

  app.openapi(guarded(operations.getPrometheusMetrics, parts), async (context) => {
    const { principal } = holderOf(context)
    const isForAll = principal === credentials.local.principal || principal === credentials.metrics?.principal
    const text = await metrics.exposition(isForAll ? undefined : principal.tenantId)
    return context.body(text, 200, { "Content-Type": metrics.contentType, "Cache-Control": "no-store" }) as never
  })

  app.openapi(guarded(operations.getDiagnostics, parts), async (context) => {
    const agents = await aegis.listAgents()
    const answer = {
      at: new Date().toISOString(),
      health: await healthOf(context, parts),
      node: process.versions.node,
      platform,
      arch,
      storageSettings: { ...aegis.describeStorage().settings },
      agents: agents.map(toAgent),
    }
    if (!isOfServer(context, parts)) return context.json(answer, 200)
    const told = shownConfig(config).map(({ key, value, isDefault }) => ({ key, value: redactJson(value), isDefault }))
    const own = { process: metrics.process(), handles: handles(), config: told, failures: [...failures.list] }
    return context.json({ ...answer, ...own }, 200)
  })
}

/** Whether the caller is of the tenant whose server it is. */
function isOfServer(context: Context<Env>, { credentials }: Pick<RouteParts, "credentials">) {
  return holderOf(context).principal.tenantId === credentials.local.principal.tenantId
}

// Where its program is, is nobody's business.
function toAgent({ name, installed, version, remedy }: AgentListing) {
  return {
    name,
    installed,
    ...(version === undefined ? {} : { version }),
    ...(remedy === undefined ? {} : { remedy }),
  }
}

function handles() {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
