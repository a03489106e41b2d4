import type { CommandContext } from "../command-context.ts"
import { voteCommand } from "../vote-command.ts"

export const command = (context: CommandContext) => voteCommand(context, "reject")
