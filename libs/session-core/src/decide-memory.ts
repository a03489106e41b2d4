import { withoutUndefined } from "./evolve.ts"
import { countOf, type MemorySpace, type MemorySpaces } from "./memory-space.ts"
import { SessionError } from "./session-error.ts"
import type { SystemChange } from "./system-change.ts"

/** Something is to be remembered, or forgotten. */
export type MemoryWish = SetMemory | DeleteMemory

interface MemoryAim {
  readonly space: MemorySpace
  readonly key: string
  /** The version that is there, 0 where none is; absent: whichever is. */
  readonly ifVersion?: number | undefined
  /** What the log has under the key, whether its time is over or not. */
  readonly present: MemoryVersion | undefined
}

export interface SetMemory extends MemoryAim {
  readonly type: "set-memory"
  readonly value: string
  readonly ttlSeconds?: number | undefined
  /** Other keys whose time is over: they make room. */
  readonly expired: readonly MemoryVersion[]
}

export interface DeleteMemory extends MemoryAim {
  readonly type: "delete-memory"
}

export interface MemoryVersion {
  readonly key: string
  readonly version: number
  /** ISO 8601 UTC. */
  readonly expiresAt?: string | undefined
}

/** How many keys a space may have. */
const MOST_ENTRIES = 10_000

/** What follows, or why it is refused (spec/rest.md, Operations). Pure. */
export function decideMemory(
  spaces: MemorySpaces,
  wish: MemoryWish & { readonly at: string },
): readonly SystemChange[] | SessionError {
  const refusal = refuseVersion(wish)
  if (refusal) return refusal
  return wish.type === "set-memory" ? setMemory(spaces, wish) : deleteMemory(wish)
}

function setMemory(spaces: MemorySpaces, wish: SetMemory & { readonly at: string }) {
  const { space, key, value, ttlSeconds, present, expired, at } = wish
  const { entries, version } = countOf(spaces, space)
  const gone = expired.filter((entry) => entry.key !== key)
  if (!present && entries - gone.length >= MOST_ENTRIES)
    return new SessionError(
      "too-much-memory",
      `There are ${MOST_ENTRIES} keys already, and that is how many there may be: delete some, or let them expire.`,
    )
  const until = ttlSeconds === undefined ? undefined : new Date(Date.parse(at) + ttlSeconds * 1000).toISOString()
  const replaced = withoutUndefined({ previous: present?.version, expiresAt: until })
  const data = { ...withoutUndefined({ ...space }), key, value, version: version + 1, ...replaced }
  return [...gone.map((entry) => deleted(space, entry, "expired")), { type: "memory.set", data } as const]
}

function deleteMemory({ space, key, present, at }: DeleteMemory & { readonly at: string }) {
  if (!present || isOver(present, at)) return new SessionError("memory-not-found", `Nothing is kept under "${key}".`)
  return [deleted(space, present, "deleted")]
}

function deleted(space: MemorySpace, { key, version }: MemoryVersion, reason: "deleted" | "expired") {
  return { type: "memory.deleted", data: { ...withoutUndefined({ ...space }), key, version, reason } } as const
}

function refuseVersion({ key, ifVersion, present, at }: MemoryWish & { readonly at: string }) {
  const version = present && !isOver(present, at) ? present.version : 0
  if (ifVersion === undefined || ifVersion === version) return undefined
  const what = version === 0 ? "nothing" : `version ${version}`
  return new SessionError(
    "version-mismatch",
    `Under "${key}" there is ${what}, and not version ${ifVersion}: read it again, and decide anew.`,
  )
}

/** Whether the time of what was to be kept until then is over. */
export function isOver({ expiresAt }: Pick<MemoryVersion, "expiresAt">, at: string) {
  return expiresAt !== undefined && expiresAt <= at
}
