import type { AccessKey, AccessKeys, KeyTerms } from "./access-key.ts"
import { SessionError } from "./session-error.ts"
import type { SystemChange } from "./system-change.ts"

/** A wish about a key. Its secret is made by whoever hands it out; here only its digest is known. */
export type KeyWish =
  | { readonly type: "create-key"; readonly key: MadeKey }
  | { readonly type: "update-key"; readonly of: KeyName; readonly changes: KeyChanges }
  | {
      readonly type: "rotate-key"
      readonly of: KeyName
      readonly digest: string
      /** ISO 8601; absent: the secret before it is good no longer. */
      readonly previousUntil: string | undefined
    }
  | { readonly type: "revoke-key"; readonly of: KeyName; readonly reason: string }

export type MadeKey = KeyTerms & Pick<AccessKey, "keyId" | "userId" | "tenantId" | "digest">

/** A key of another tenant is not there. */
export type KeyName = Pick<AccessKey, "keyId" | "tenantId">

/** What is not named stays; `expiresAt: null` takes the end away. */
export interface KeyChanges {
  readonly name?: string | undefined
  readonly role?: string | undefined
  readonly permissions?: readonly string[] | undefined
  readonly expiresAt?: string | null | undefined
}

/** Their state is kept whole: one that makes keys without end must not fill it. */
const MOST_KEYS = 1000

export function decideKey(keys: AccessKeys, wish: KeyWish): SystemChange | SessionError | undefined {
  if (wish.type === "create-key") return create(keys, wish.key)
  const { keyId, tenantId } = wish.of
  const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
  if (key?.tenantId !== tenantId) return new SessionError("key-not-found", `There is no key ${keyId}.`)
  switch (wish.type) {
    case "update-key":
      return update(key, wish.changes)
    case "rotate-key": {
      const until = wish.previousUntil === undefined ? {} : { previousUntil: wish.previousUntil }
      return { type: "key.rotated", data: { ...wish.of, digest: wish.digest, ...until } }
    }
    case "revoke-key":
      return { type: "key.revoked", data: { ...wish.of, reason: wish.reason } }
  }
}

function create(keys: AccessKeys, { keyId, userId, tenantId, digest, ...terms }: MadeKey) {
  if (Object.keys(keys).length >= MOST_KEYS)
    return new SessionError("too-many-keys", `There are ${MOST_KEYS} keys already; revoke some first.`)
  return { type: "key.created", data: { keyId, ...toData(terms), userId, tenantId, digest } } as const
}

function update(
  { keyId, tenantId, ...key }: AccessKey,
  { expiresAt, ...changes }: KeyChanges,
): SystemChange | undefined {
  const end = expiresAt === undefined ? key.expiresAt : (expiresAt ?? undefined)
  const { name = key.name, role = key.role, permissions = key.permissions } = changes
  const terms = toData({ name, role, permissions, expiresAt: end })
  const isSame = JSON.stringify(terms) === JSON.stringify(toData(key))
  return isSame ? undefined : { type: "key.updated", data: { keyId, tenantId, ...terms } }
}

// A list of permissions is a custom role's; one that a role has already is not written down.
function toData({ name, role, permissions, expiresAt }: KeyTerms) {
  return {
    name,
    role,
    ...(role === "custom" ? { permissions: [...(permissions ?? [])] } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}
