import { days, type TimeWindow } from "./time-window.ts"

/** A moment as the clock on a wall shows it: minutes since midnight, and the day's place in the week. */
export interface WallTime {
  readonly minutes: number
  readonly day: number
}

/** A function from epoch milliseconds to wall time; undefined for what is no time. */
export function createWallClock(timeZone: string): (at: number) => WallTime | undefined {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
  return (at) => {
    if (Number.isNaN(new Date(at).getTime())) return undefined
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return {
      minutes: Number(parts.hour) * 60 + Number(parts.minute),
      day: (days as readonly (string | undefined)[]).indexOf(parts.weekday?.toLowerCase()),
    }
  }
}

export function isWithin({ minutes, day }: WallTime, { from, to, days: named }: TimeWindow): boolean {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const beginsOn = (index: number) => named === undefined || named.some((name) => days.indexOf(name) === index % 7)
  if (start < end) return minutes >= start && minutes < end && beginsOn(day)
  return (minutes >= start && beginsOn(day)) || (minutes < end && beginsOn(day + 6))
}

function minutesOf(time: string) {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
