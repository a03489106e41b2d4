/** How long something took, in milliseconds. Without a single one there is only the count. */
export interface Percentiles {
  readonly count: number
  readonly p50?: number
  readonly p90?: number
  readonly p99?: number
  readonly max?: number
}

/** By the nearest rank: each is a time that was measured. Null: it was not, and does not count. */
export function percentilesOf(times: readonly (number | null)[]): Percentiles {
  const sorted = times.filter((time) => time !== null).toSorted((a, b) => a - b)
  const max = sorted.at(-1)
  if (max === undefined) return { count: 0 }
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? max
  return { count: sorted.length, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max }
}
