import type { CommandContext } from "../main.ts"
import { voteCommand } from "../vote-command.ts"

export const command = (context: CommandContext) => voteCommand(context, "reject")
