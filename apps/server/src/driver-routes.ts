import { operations } from "@aegis/openapi-contract"
import { authorize, permissionsOf } from "@aegis/policy"
import { SessionError } from "@aegis/session-core"
import type { Context } from "hono"
import { findKey } from "./authorize-request.ts"
import { principalOf } from "./credentials.ts"
import { guarded } from "./guarded.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, callerOf, holderOf, type RouteParts } from "./routes.ts"
import { toDriver } from "./session-wire.ts"

/** Routes of who alone may send to a session, and of who else is there. */
export function addDriverRoutes(app: App, parts: RouteParts) {
  const { aegis } = parts

  app.openapi(guarded(operations.claimDriver, parts), async (context) => {
    const wish = context.req.valid("json") ?? {}
    return context.json(toDriver(await aegis.drivers.claim(callerOf(context), context.req.param("id"), wish)), 200)
  })

  app.openapi(guarded(operations.releaseDriver, parts), async (context) => {
    const mayTakeAway = permissionsOf(holderOf(context).principal).has("session.admin")
    const wish = { ...context.req.valid("json"), mayTakeAway }
    await aegis.drivers.release(callerOf(context), context.req.param("id"), wish)
    return context.json({ ok: true as const }, 200)
  })

  app.openapi(guarded(operations.transferDriver, parts), async (context) => {
    const id = context.req.param("id")
    const { targetKeyId, ...wish } = context.req.valid("json")
    await checkTarget(context, targetKeyId, parts)
    const to = { kind: "key", id: targetKeyId } as const
    return context.json(toDriver(await aegis.drivers.transfer(callerOf(context), id, { to, ...wish })), 200)
  })

  app.openapi(guarded(operations.listParticipants, parts), async (context) => {
    const { participants, driver } = await aegis.drivers.participants(context.req.param("id"))
    const items = participants.map(({ kind: _kind, id: keyId, ...participant }) => ({ keyId, ...participant }))
    return context.json({ items, ...(driver ? { driver: toDriver(driver) } : {}) }, 200)
  })
}

/** Rejects a key that could do nothing with it. */
async function checkTarget(context: Context<Env>, keyId: string, { aegis, credentials, config }: RouteParts) {
  const { local } = credentials
  const { principal: caller } = holderOf(context)
  const principal =
    keyId === local.principal.keyId
      ? local.principal
      : principalOf(await findKey(keyId, caller, { aegis, credentials }))
  const sessionId = context.req.param("id") ?? ""
  const target = { ...(await aegis.ownerOf(sessionId)), sessionId }
  const verdict = authorize(principal, "session.send", { target, sharing: config.sharing })
  if (verdict === "allowed") return
  if (verdict === "absent") throw new SessionError("key-not-found", `There is no key ${keyId} that may send here.`)
  throw new RequestProblem("target-may-not-send", `The key ${keyId} may not send to this session.`)
}
