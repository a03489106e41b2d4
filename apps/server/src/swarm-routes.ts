import { operations } from "@aegis/openapi-contract"
import type { PermissionMode } from "@aegis/policy"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { type App, audienceOfCaller, callerOf, holderOf, type RouteParts } from "./routes.ts"
import { pageOf, toCreated, toItem } from "./session-wire.ts"
import { checkMode, wantedSession } from "./wanted-session.ts"

/** Routes of sessions that have begun others. */
export function addSwarmRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.spawnChild, parts), async (context) => {
    const wish = { ...context.req.valid("json"), parentId: context.req.param("id"), reuse: false }
    const wanted = await wantedSession(context, wish, parts)
    return context.json(toCreated(await aegis.createSession(callerOf(context), wanted)), 201)
  })

  app.openapi(guarded(operations.forkSession, parts), async (context) => {
    const id = context.req.param("id")
    const { permissionMode } = await aegis.getSession(id)
    await checkMode(context, permissionMode as PermissionMode, parts)
    // Whatever an agent begins is its own session's child.
    const wish = { ...context.req.valid("json"), parentId: holderOf(context).principal.agentOf }
    return context.json(toCreated(await aegis.forkSession(callerOf(context), id, wish)), 201)
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
