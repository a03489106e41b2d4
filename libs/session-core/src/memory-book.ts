import type { AegisParts } from "./aegis-parts.ts"
import { boundedPage } from "./bounded-page.ts"
import type { Caller } from "./caller.ts"
import type { CommandExecutor } from "./command-executor.ts"
import { isOver, type MemoryVersion, type SetMemory } from "./decide-memory.ts"
import type { Actor } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import { type MemoryRow, memoryTable } from "./memory-rows.ts"
import type { MemorySpace } from "./memory-space.ts"
import { SessionError } from "./session-error.ts"

/** What is kept under a key. */
export interface MemoryEntry extends MemoryVersion {
  readonly value: string
  readonly updatedAt: string
  readonly updatedBy: Actor
}

export interface SetMemoryOptions extends Pick<SetMemory, "ttlSeconds" | "ifVersion"> {
  readonly key: string
  readonly value: string
}

export interface MemoryPageQuery {
  readonly prefix?: string | undefined
  /** The last key of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Of those whose time is over so many go with each write. */
const GONE = 10

/**
 * What agents and people share by keys `namespace/key`, as the log has it. Who may read and write is decided at the door;
 * whose it is, by the space.
 */
export class MemoryBook {
  readonly #parts: Pick<AegisParts, "log" | "now">
  readonly #executor: CommandExecutor

  constructor(parts: Pick<AegisParts, "log" | "now">, executor: CommandExecutor) {
    this.#parts = parts
    this.#executor = executor
  }

  /** Rejects with `memory-key-invalid`, `version-mismatch` and `too-much-memory`. */
  async set({ actor, idempotency }: Caller, space: MemorySpace, options: SetMemoryOptions): Promise<MemoryEntry> {
    const { key } = options
    refuseKey(key)
    const events = await this.#executor.executeSystem(
      async () => ({
        type: "set-memory",
        space,
        ...options,
        present: await this.#find(space, key),
        expired: await this.#expired(space),
      }),
      { actor, idempotency },
    )
    const [set] = events.flatMap((event) => (event.type === "memory.set" ? [event] : []))
    if (!set) throw new Error("Something was remembered without an event.")
    const { value, version, expiresAt } = set.data
    return { key, value, version, updatedAt: set.at, updatedBy: set.actor, ...withoutUndefined({ expiresAt }) }
  }

  /** Rejects with `memory-not-found`. */
  async get(space: MemorySpace, key: string): Promise<MemoryEntry> {
    const entry = await this.#find(space, key)
    if (entry && !isOver(entry, this.#at())) return entry
    throw new SessionError("memory-not-found", `Nothing is kept under "${key}".`)
  }

  /** Rejects with `memory-not-found` and `version-mismatch`. */
  async delete(
    { actor, idempotency }: Caller,
    space: MemorySpace,
    { key, ifVersion }: Pick<SetMemoryOptions, "key" | "ifVersion">,
  ) {
    await this.#executor.executeSystem(
      async () => ({ type: "delete-memory", space, key, ifVersion, present: await this.#find(space, key) }),
      { actor, idempotency },
    )
  }

  /** By key, ascending. `next`: the last key, where there is more. */
  async list(space: MemorySpace, { prefix = "", after, limit }: MemoryPageQuery) {
    const at = this.#at()
    const { items, hasMore } = await boundedPage({
      limit,
      read: (last: MemoryRow | undefined, most) =>
        this.#rows(space, { prefix, after: last?.key ?? after, limit: most }),
      toItem: (row) => [toEntry(row)].find((entry) => !isOver(entry, at)),
      lengthOf: ({ value }) => value.length,
    })
    return { entries: items, next: hasMore ? items.at(-1)?.key : undefined }
  }

  async #rows(space: MemorySpace, { prefix, after, limit }: MemoryPageQuery & { readonly prefix: string }) {
    // Sorted, those of a prefix are beside each other: behind one of them only the end has to be looked for.
    const isWithin = after?.startsWith(prefix) === true
    const key = isWithin ? { gt: after } : { prefix }
    const where = { ...whose(space), key }
    const rows = await this.#parts.log.rows(memoryTable, { where, order: [["key", "asc"]], limit })
    const end = rows.findIndex((row) => !row.key.startsWith(prefix))
    return end === -1 ? rows : rows.slice(0, end)
  }

  async #find(space: MemorySpace, key: string) {
    const [row] = await this.#parts.log.rows(memoryTable, { where: { ...whose(space), key } })
    return row && toEntry(row)
  }

  async #expired(space: MemorySpace) {
    const where = { ...whose(space), expiresAt: { lte: this.#at() } }
    return (await this.#parts.log.rows(memoryTable, { where, limit: GONE })).map(toEntry)
  }

  #at() {
    return this.#parts.now().toISOString()
  }
}

function whose({ tenantId, userId = "" }: MemorySpace) {
  return { tenantId, userId }
}

// JSON columns hold what the projection put there: the event's own actor.
function toEntry({ key, value, version, expiresAt, updatedAt, updatedBy }: MemoryRow): MemoryEntry {
  const until = withoutUndefined({ expiresAt: expiresAt ?? undefined })
  return { key, value, version, updatedAt, updatedBy: updatedBy as Actor, ...until }
}

/** Parts without anything that does not show, and none that an address would lose (`.` and `..`). */
const KEY = /^(?!\.{1,2}(?:\/|$))[^/\p{C}\p{Z}]+(?:\/(?!\.{1,2}(?:\/|$))[^/\p{C}\p{Z}]+)+$/u
const LONGEST_KEY = 256

function refuseKey(key: string) {
  if (key.length <= LONGEST_KEY && KEY.test(key)) return
  throw new SessionError(
    "memory-key-invalid",
    `A key is a namespace, a slash and a name, for example "project/conventions": at most ${LONGEST_KEY} characters, no spaces, no part "." or "..".`,
  )
}
