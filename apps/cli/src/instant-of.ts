import { DurationSchema, durationMs } from "@aegis/policy"
import { CliError } from "./cli-error.ts"

/** A moment, or how long ago, as ISO 8601 in UTC. */
export function instantOf(text: string | undefined) {
  if (text === undefined) return undefined
  const ago = DurationSchema.safeParse(text)
  const moment = ago.success ? Date.now() - durationMs(ago.data) : Date.parse(text)
  if (Number.isFinite(moment)) return new Date(moment).toISOString()
  throw new CliError("usage", `"${text}" is no time: write how long ago (90s, 30m, 12h, 7d) or when (2026-11-29).`)
}
