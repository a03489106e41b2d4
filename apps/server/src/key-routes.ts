import { operations } from "@aegis/openapi-contract"
import { mayGrant, type Permission, type Principal, type Role } from "@aegis/policy"
import type { AccessKey, KeyTerms } from "@aegis/session-core"
import { findKey } from "./authorize-request.ts"
import { guarded } from "./guarded.ts"
import { type KeyText, makeKeyText } from "./key-text.ts"
import { RequestProblem } from "./problem-reply.ts"
import { type App, callerOf, holderOf, type RouteParts } from "./routes.ts"

/** Routes of the keys by which others come in. */
export function addKeyRoutes(app: App, parts: RouteParts) {
  const { aegis, credentials } = parts

  app.openapi(guarded(operations.listApiKeys, parts), async (context) => {
    const { principal } = holderOf(context)
    const keys = await aegis.keys.list(principal === credentials.local.principal ? undefined : principal.tenantId)
    return context.json({ items: keys.map(toWire) }, 200)
  })

  app.openapi(guarded(operations.createApiKey, parts), async (context) => {
    const { userId, tenantId, ...terms } = context.req.valid("json")
    const { principal } = holderOf(context)
    checkTerms(principal, terms)
    if (tenantId !== undefined && tenantId !== principal.tenantId && principal !== credentials.local.principal)
      throw new RequestProblem("permission-missing", "Only the local token makes keys for another tenant.")
    const caller = callerOf(context)
    const { text, keyId, digest } = makeKeyText()
    const owner = { userId: userId ?? principal.userId, tenantId: tenantId ?? principal.tenantId }
    const key = await aegis.keys.create(caller, { ...terms, ...owner, keyId, digest })
    return context.json({ ...toWire(key), ...shownOnce(key, { text, digest }) }, 201)
  })

  app.openapi(guarded(operations.updateApiKey, parts), async (context) => {
    const changes = context.req.valid("json")
    const { principal } = holderOf(context)
    const key = await findKey(context.req.param("id"), principal, parts)
    const { role = key.role, permissions = role === "custom" ? key.permissions : undefined } = changes
    checkTerms(principal, { role, permissions, expiresAt: changes.expiresAt })
    return context.json(toWire(await aegis.keys.update(callerOf(context), key, changes)), 200)
  })

  app.openapi(guarded(operations.rotateApiKey, parts), async (context) => {
    const { graceSeconds = 0 } = context.req.valid("json") ?? {}
    const { principal } = holderOf(context)
    const before = await findKey(context.req.param("id"), principal, parts)
    checkTerms(principal, { role: before.role, permissions: before.permissions })
    const caller = callerOf(context)
    const { text, digest } = makeKeyText({ keyId: before.keyId })
    const previousUntil = graceSeconds === 0 ? undefined : new Date(Date.now() + graceSeconds * 1000).toISOString()
    const key = await aegis.keys.rotate(caller, before, { digest, previousUntil })
    return context.json({ ...toWire(key), ...shownOnce(key, { text, digest }) }, 200)
  })

  app.openapi(guarded(operations.revokeApiKey, parts), async (context) => {
    const { principal } = holderOf(context)
    await aegis.keys.revoke(callerOf(context), await findKey(context.req.param("id"), principal, parts))
    return context.json({ ok: true as const }, 200)
  })
}

interface Terms extends Pick<KeyTerms, "role" | "permissions"> {
  readonly expiresAt?: string | null | undefined
}

function checkTerms(giver: Principal, { role, permissions, expiresAt }: Terms) {
  if (expiresAt && Date.parse(expiresAt) <= Date.now())
    throw new RequestProblem("request-invalid", "expiresAt is over already; revoke a key to end it.")
  if ((role === "custom") !== (permissions !== undefined && permissions.length > 0))
    throw new RequestProblem("request-invalid", "The role custom has a list of permissions, and no other role has one.")
  if (!mayGrant(giver, toGrant({ role, permissions })))
    throw new RequestProblem("permission-missing", "A key may do no more than the one who makes or changes it.")
}

function toGrant({ role, permissions }: Terms) {
  return { role: role as Role, ...(permissions ? { permissions: permissions as readonly Permission[] } : {}) }
}

// Asked for before, under the same Idempotency-Key: the secret of that time is not kept (spec/sessions.md, Turns).
function shownOnce(key: AccessKey, { text, digest }: Pick<KeyText, "text" | "digest">) {
  return key.digest === digest ? { key: text } : {}
}

function toWire({ keyId, digest: _digest, previous, permissions, role, ...key }: AccessKey) {
  const list = permissions ? { permissions: permissions as Permission[] } : {}
  return { ...key, id: keyId, role: role as Role, ...list, ...(previous ? { previousUntil: previous.until } : {}) }
}
