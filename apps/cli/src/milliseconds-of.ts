import { DurationSchema, durationMs } from "@aegis/policy"
import { CliError } from "./cli-error.ts"

/** How long: `90s`, `30m`, `12h`, `7d`. */
export function millisecondsOf(text: string) {
  const { success, data, error } = DurationSchema.safeParse(text)
  if (success) return durationMs(data)
  throw new CliError("usage", `"${text}" is no duration. ${error.issues[0]?.message ?? ""}`)
}
