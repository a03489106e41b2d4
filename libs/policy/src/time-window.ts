import { z } from "zod"

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
const TimeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "A time of day is written 09:00.")

/**
 * Hours of a day in a time zone: from `from` (included) to `to` (excluded). `to` before `from` runs past midnight, and
 * then `days` are the days on which it begins. Without `days`, every day.
 */
export const TimeWindowSchema = z
  .strictObject({
    from: TimeOfDaySchema,
    to: TimeOfDaySchema,
    timeZone: z.string().refine(isTimeZone, "No such time zone; write one like Europe/Vienna.").default("UTC"),
    days: z.array(z.enum(days)).min(1).optional(),
  })
  .refine(({ from, to }) => from !== to, "A window that ends when it begins is empty.")
export type TimeWindow = z.infer<typeof TimeWindowSchema>

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

function isTimeZone(name: string) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    // Intl has no other way to be asked.
    return false
  }
}
