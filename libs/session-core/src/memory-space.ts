import type { MemoryEvent } from "./memory-rows.ts"

/** Whose memory: a tenant's, or, where users share nothing, one of its users'. */
export interface MemorySpace {
  readonly tenantId: string
  readonly userId?: string | undefined
}

/** What is known of each space without looking into it. Survives JSON. */
export type MemorySpaces = Readonly<Record<string, MemoryCount>>

export interface MemoryCount {
  /** How many keys there are, those whose time is over too. */
  readonly entries: number
  /** The last version that was given. */
  readonly version: number
}

export function countOf(spaces: MemorySpaces, space: MemorySpace): MemoryCount {
  const name = nameOf(space)
  return (Object.hasOwn(spaces, name) ? spaces[name] : undefined) ?? { entries: 0, version: 0 }
}

/** Pure. */
export function evolveMemory(spaces: MemorySpaces, { type, data }: MemoryEvent): MemorySpaces {
  const { entries, version } = countOf(spaces, data)
  const count =
    type === "memory.set"
      ? { entries: entries + (data.previous === undefined ? 1 : 0), version: data.version }
      : { entries: entries - 1, version }
  return { ...spaces, [nameOf(data)]: count }
}

function nameOf({ tenantId, userId }: MemorySpace) {
  return JSON.stringify(userId === undefined ? [tenantId] : [tenantId, userId])
}
