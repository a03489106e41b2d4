import { operations } from "@aegis/openapi-contract"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { type App, audienceOfCaller, callerOf, type RouteParts } from "./routes.ts"
import { pageOf, toCreated, toItem } from "./session-wire.ts"
import { wantedSession } from "./wanted-session.ts"

/** Routes of sessions that have begun others. */
export function addSwarmRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.spawnChild, parts), async (context) => {
    const wish = { ...context.req.valid("json"), parentId: context.req.param("id"), reuse: false }
    const wanted = await wantedSession(context, wish, parts)
    return context.json(toCreated(await aegis.createSession(callerOf(context), wanted)), 201)
  })

  app.openapi(guarded(operations.listChildren, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const parentId = context.req.param("id")
    const audience = audienceOfCaller(context, parts)
    // An agent knows its own session's children, and not theirs.
    if (audience.parentId !== undefined && audience.parentId !== parentId) return context.json({ items: [] }, 200)
    const page = { after: placeOf(after), limit: limit + 1 }
    return context.json(pageOf(await aegis.listSessions({ ...audience, parentId, ...page }), limit), 200)
  })

  app.openapi(guarded(operations.getSwarm, parts), async (context) => {
    const { limit, after } = context.req.valid("query")
    const owner = audienceOfCaller(context, parts)
    const { items, next } = await aegis.swarm(owner, { limit, after: placeOf(after) })
    const shown = items.map(({ session, depth, subagents }) => ({
      ...toItem(session),
      depth,
      subagents: [...subagents],
    }))
    return context.json({ items: shown, ...cursorOf(next) }, 200)
  })
}
