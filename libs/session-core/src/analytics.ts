import { labelIn } from "./label-in.ts"
import { noneOf, type RateLimitRow, type Spent, spentNames, type TurnRow } from "./metrics-rows.ts"
import type { OwnerQuery } from "./owner-query.ts"
import type { Place } from "./rows-in-order.ts"

/** From then until before then, ISO 8601 UTC. */
export interface TimeRange {
  readonly from: string
  readonly to: string
}

/** What is told apart: days are UTC's; of a label, its values. */
export type Grouping = "day" | "agent" | "model" | "key" | { readonly label: string }

export interface AnalyticsQuery extends TimeRange {
  readonly owner: OwnerQuery
  readonly by: Grouping
}

interface Group {
  readonly group: string
  readonly sessions: number
}

/** What the turns of a group have come to. */
export interface TurnGroup extends Group, TurnSums {}

interface TurnSums extends Spent {
  readonly turns: number
  readonly failedTurns: number
  /** Milliseconds that they ran. */
  readonly durationMs: number
}

/** How often providers wanted agents to wait. */
export interface RateLimitGroup extends Group {
  readonly hits: number
  /** Milliseconds, of those that said how long. */
  readonly longestWaitMs: number
  readonly lastAt: string
}

type Placed<Row> = AsyncIterable<{ readonly row: Row; readonly place: Place }>

const turnSums = ["turns", "failedTurns", "durationMs", ...spentNames] as const

/** What the turns of all these groups have come to. */
export function totalOf(groups: readonly TurnGroup[]): TurnSums {
  const total = noneOf(turnSums)
  for (const group of groups) for (const name of turnSums) total[name] += group[name]
  return total
}

export function groupTurns(placed: Placed<TurnRow>, by: Grouping): Promise<readonly TurnGroup[]> {
  return groupRows(placed, {
    nameOf: ({ endedAt, keyId }, place) => nameOf(by, { place, at: endedAt, keyId }),
    first: noneOf(turnSums),
    add: (sum, row) => {
      sum.turns += 1
      sum.failedTurns += row.error === null ? 0 : 1
      sum.durationMs += row.durationMs ?? 0
      for (const name of spentNames) sum[name] += row[name]
    },
  })
}

export function groupRateLimits(placed: Placed<RateLimitRow>, by: Grouping): Promise<readonly RateLimitGroup[]> {
  return groupRows(placed, {
    nameOf: ({ at }, place) => nameOf(by, { place, at }),
    first: { hits: 0, longestWaitMs: 0, lastAt: "" },
    add: (sum, { at, retryAt }) => {
      sum.hits += 1
      sum.lastAt = at
      if (retryAt !== null) sum.longestWaitMs = Math.max(sum.longestWaitMs, Date.parse(retryAt) - Date.parse(at))
    },
  })
}

interface Grouper<Row, Sum> {
  readonly nameOf: (row: Row, place: Place) => string
  readonly first: Sum
  readonly add: (sum: Sum, row: Row) => void
}

async function groupRows<Row, Sum extends object>(placed: Placed<Row>, { nameOf, first, add }: Grouper<Row, Sum>) {
  const groups = new Map<string, { readonly sum: Sum; readonly sessions: Set<string> }>()
  for await (const { row, place } of placed) {
    const name = nameOf(row, place)
    const found = groups.get(name) ?? { sum: { ...first }, sessions: new Set() }
    groups.set(name, found)
    found.sessions.add(place.sessionId)
    add(found.sum, row)
  }
  return [...groups].map(([group, { sum, sessions }]) => ({ group, sessions: sessions.size, ...sum }))
}

/** What has nothing that tells it apart. */
const NONE = "none"

interface Told {
  readonly place: Place
  readonly at: string
  readonly keyId?: string | null
}

function nameOf(by: Grouping, { place, at, keyId }: Told) {
  if (typeof by === "object") return labelIn(place.labels, by.label) ?? NONE
  switch (by) {
    case "day":
      return at.slice(0, at.indexOf("T"))
    case "agent":
      return place.agent
    case "model":
      return place.model ?? "default"
    case "key":
      return keyId ?? NONE
  }
}
