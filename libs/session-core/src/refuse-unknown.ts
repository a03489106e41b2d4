import type { SlashCommand } from "./aegis.ts"
import { SessionError } from "./session-error.ts"

/** So many are named: an agent may have hundreds. */
const MOST_NAMED = 50

/** Rejects a command that the agent has not told of. */
export function refuseUnknown(line: string, commands: readonly SlashCommand[]) {
  const [wanted = ""] = line.split(/\s/, 1)
  const names = commands.map(({ name }) => name)
  if (names.includes(wanted)) return
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ""
  const known = names
    .slice(0, MOST_NAMED)
    .map((name) => `/${name}`)
    .join(", ")
  throw new SessionError(
    "command-unknown",
    names.length === 0
      ? `The session's agent has told of no commands, or not yet: /${wanted} would be words to it.`
      : `The session's agent has no command /${wanted}. It has: ${known}${more}.`,
  )
}
