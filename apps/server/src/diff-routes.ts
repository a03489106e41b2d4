import { operations } from "@aegis/openapi-contract"
import { guarded } from "./guarded.ts"
import { redactDiff } from "./redact-diff.ts"
import type { App, RouteParts } from "./routes.ts"

/** The route of what a session has changed. */
export function addDiffRoutes(app: App, parts: RouteParts) {
  app.openapi(guarded(operations.getSessionDiff, parts), async (context) => {
    const { path } = context.req.valid("query")
    const { signal } = context.req.raw
    const diff = await parts.aegis.getDiff(context.req.param("id"), { path, signal })
    return context.json(await redactDiff(diff), 200)
  })
}
