import type { SystemEvent } from "./events.ts"

/** What a key may do, and until when (ISO 8601 UTC). */
export interface KeyTerms {
  readonly name: string
  readonly role: string
  /** Of the role `custom`. */
  readonly permissions?: readonly string[] | undefined
  readonly expiresAt?: string | undefined
}

/** A key of a person's or a program's, as the log knows it: never its secret. */
export interface AccessKey extends KeyTerms {
  readonly keyId: string
  /** For whom it acts. */
  readonly userId: string
  readonly tenantId: string
  /** SHA-256 of the secret, in hex. */
  readonly digest: string
  /** The secret before this one, while it is still good. */
  readonly previous?: { readonly digest: string; readonly until: string }
  readonly createdAt: string
}

export type AccessKeys = Readonly<Record<string, AccessKey>>

type KeyEvent = Extract<SystemEvent, { readonly type: `key.${string}` }>

/** Pure. Revoked keys are gone: the log has them. */
export function evolveKeys(keys: AccessKeys, { type, at, data }: KeyEvent): AccessKeys {
  const { [data.keyId]: key, ...others } = keys
  if (type === "key.created") return { ...keys, [data.keyId]: { ...data, createdAt: at } }
  if (key === undefined || type === "key.revoked") return others
  if (type === "key.updated") return { ...others, [data.keyId]: { ...withoutTerms(key), ...data } }
  const { previous: _previous, ...rest } = key
  const { digest, previousUntil: until } = data
  const previous = until === undefined ? {} : { previous: { digest: key.digest, until } }
  return { ...others, [data.keyId]: { ...rest, ...previous, digest } }
}

function withoutTerms({ permissions: _permissions, expiresAt: _expiresAt, ...key }: AccessKey) {
  return key
}
