import { operations } from "@aegis/openapi-contract"
import type { MemorySpace } from "@aegis/session-core"
import type { Context } from "hono"
import { etagOf, versionOf } from "./etag.ts"
import { guarded } from "./guarded.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, callerOf, holderOf, type RouteParts } from "./routes.ts"

/** Routes of what agents and people share by keys. */
export function addMemoryRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.setMemory, parts), async (context) => {
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    const options = { ...context.req.valid("json"), ifVersion }
    const entry = await aegis.memory.set(callerOf(context), spaceOf(context, parts), options)
    return context.json(entry, 200, etagOf(entry))
  })

  app.openapi(guarded(operations.listMemory, parts), async (context) => {
    const query = context.req.valid("query")
    if (query.after !== undefined && !query.after.startsWith(query.prefix ?? ""))
      throw new RequestProblem("cursor-invalid", "`after` is of a page with another prefix: begin without it.")
    const { entries, next } = await aegis.memory.list(spaceOf(context, parts), query)
    return context.json({ items: entries, ...(next === undefined ? {} : { nextCursor: next }) }, 200)
  })

  app.openapi(guarded(operations.getMemory, parts), async (context) => {
    const entry = await aegis.memory.get(spaceOf(context, parts), context.req.valid("param").key)
    return context.json(entry, 200, etagOf(entry))
  })

  app.openapi(guarded(operations.deleteMemory, parts), async (context) => {
    const { key } = context.req.valid("param")
    const ifVersion = versionOf(context.req.valid("header")["If-Match"])
    await aegis.memory.delete(callerOf(context), spaceOf(context, parts), { key, ifVersion })
    return context.json({ ok: true as const }, 200)
  })
}

/** Whose memory it is that the caller has to do with. */
function spaceOf(context: Context<Env>, { config }: Pick<RouteParts, "config">): MemorySpace {
  const { tenantId, userId } = holderOf(context).principal
  return config.sharing === "owner" ? { tenantId, userId } : { tenantId }
}
