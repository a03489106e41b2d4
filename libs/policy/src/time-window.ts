import { z } from "zod"

/** The days of a week, from its first. */
export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
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

function isTimeZone(name: string) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    // Intl has no other way to be asked.
    return false
  }
}
