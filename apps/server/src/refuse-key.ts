import { asksLess, type Permission, type PermissionMode, permissionsOf } from "@aegis/policy"
import type { WorkByKey } from "@aegis/session-core"
import type { AuditTrail } from "./audit-trail.ts"
import type { Config } from "./config-schema.ts"
import type { Credentials } from "./credentials.ts"
import { judgesItself } from "./wanted-session.ts"

export interface RefuseKeyParts {
  readonly credentials: Pick<Credentials, "ofKey">
  readonly config: Pick<Config, "permissionMode">
  readonly audit: Pick<AuditTrail, "isWritable">
}

/** Why what somebody has asked for with a key may not be begun with it any more; undefined: it may. */
export async function refuseKey(
  { key, kind, permissionMode: mode }: WorkByKey,
  { credentials, config, audit }: RefuseKeyParts,
): Promise<string | undefined> {
  if (judgesItself(mode) && !(await audit.isWritable()))
    return `The audit cannot be written at the moment: nothing begins in the mode ${mode}.`
  if (key === undefined) return undefined
  const principal = await credentials.ofKey(key)
  if (principal === undefined) return `The key ${key}, which asked for it, was revoked or has expired.`
  const isLax = asksLess(mode as PermissionMode, config.permissionMode)
  const begins = [`${kind}.write`, "session.create"] as const
  const needed: readonly Permission[] = isLax ? [...begins, "session.approve"] : begins
  const has = permissionsOf(principal)
  const missing = needed.filter((permission) => !has.has(permission))
  return missing.length === 0 ? undefined : `The key ${key}, which asked for it, has no ${missing.join(", ")} any more.`
}
