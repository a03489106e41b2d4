import { z } from "zod"

/** How long: a number and its unit. */
export const DurationSchema = z.string().regex(/^[1-9]\d{0,5}[smhd]$/, "A duration is written 90s, 30m, 12h or 7d.")

/** `30m` in milliseconds. */
export function durationMs(duration: string): number {
  const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return Number(duration.slice(0, -1)) * (units[duration.slice(-1)] ?? Number.NaN)
}
