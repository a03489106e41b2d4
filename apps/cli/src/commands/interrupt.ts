import type { CommandContext } from "../command-context.ts"
import { sessionVerbCommand } from "../session-verb-command.ts"

export const command = (context: CommandContext) =>
  sessionVerbCommand(context, {
    name: "interrupt",
    description: "Interrupt the running turn",
    done: "is being interrupted.",
    act: (client, sessionId) => client.interruptSession(sessionId),
  })
