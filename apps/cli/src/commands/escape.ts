import type { CommandContext } from "../command-context.ts"
import { sessionVerbCommand } from "../session-verb-command.ts"

export const command = (context: CommandContext) =>
  sessionVerbCommand(context, {
    name: "escape",
    description: "Take back what waits for a person, and end the turn",
    done: "waits for nobody; its turn is being ended.",
    act: (client, sessionId) => client.escapeSession(sessionId),
  })
