/** A value at a time, in seconds. */
export interface Point {
  readonly at: number
  readonly value: number
}

/** By how much a value grows in an hour, and between which bounds that is with 95 % confidence. */
export interface Slope {
  readonly perHour: number
  readonly low: number
  readonly high: number
}

const Z = 1.96

/** The median of the slopes between any two points (Theil and Sen): a few points that are far off do not move it. */
export function slopeOf(points: readonly Point[]): Slope {
  const slopes = points
    .flatMap((one, index) => points.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)))
    .map((perSecond) => perSecond * 3600)
    .toSorted((one, other) => one - other)
  const count = points.length
  // How far from the middle the bounds lie, by Kendall's variance.
  const spread = (Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)) / 2
  const middle = (slopes.length - 1) / 2
  const at = (place: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))] ?? 0
  return { perHour: at(middle), low: at(middle - spread), high: at(middle + spread) }
}

/** The least value of each of so many equal spans: memory between two collections of garbage says little. */
export function floorsOf(points: readonly Point[], spans: number): readonly Point[] {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0]
  const length = (last - first) / spans || 1
  const groups = Map.groupBy(points, ({ at }) => Math.min(spans - 1, Math.floor((at - first) / length)))
  return [...groups.values()].flatMap((group) => group.toSorted((one, other) => one.value - other.value)[0] ?? [])
}
