import type { Grouping, TimeRange } from "@aegis/session-core"
import { RequestProblem } from "./problem-reply.ts"

const DAY_MS = 24 * 3600 * 1000
const LONGEST_DAYS = 366
const USUAL_DAYS = 30

/** The time that is asked about; rejects one that is none, or too long. */
export function rangeOf({ from, to }: Partial<Record<keyof TimeRange, string | undefined>>, now: Date): TimeRange {
  const end = to === undefined ? now.getTime() : Date.parse(to)
  const start = from === undefined ? end - USUAL_DAYS * DAY_MS : Date.parse(from)
  if (start >= end) throw new RequestProblem("range-invalid", "`from` has to be before `to`.")
  if (end - start > LONGEST_DAYS * DAY_MS)
    throw new RequestProblem(
      "range-invalid",
      `A time has at most ${LONGEST_DAYS} days: ask for one part after the other.`,
    )
  // As the log has it, so that the texts compare.
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() }
}

type By = "day" | "agent" | "model" | "key" | "label"

/** By what is told apart; the contract wants a label with `label`, and only with it. */
export function groupingOf({ by, label = "" }: { readonly by: By; readonly label?: string | undefined }): Grouping {
  return by === "label" ? { label } : by
}

interface AnalyticsOptions<Name extends string> {
  readonly by: By
  readonly limit: number
  /** What there is most of comes first. */
  readonly most: Name
}

/** So many groups as are wanted, in their order. */
export function analyticsOf<
  Name extends string,
  Item extends { readonly group: string } & { readonly [N in Name]: number },
>(groups: readonly Item[], { by, limit, most }: AnalyticsOptions<Name>) {
  const isEarlier = (a: Item, b: Item) => (a.group < b.group ? -1 : 1)
  const sorted = groups.toSorted((a, b) => (by === "day" ? 0 : b[most] - a[most]) || isEarlier(a, b))
  // Of days the last ones matter most.
  const shown = by === "day" ? sorted.slice(-limit) : sorted.slice(0, limit)
  return { by, items: shown, hasMore: sorted.length > shown.length }
}
