import type { CommandContext } from "../command-context.ts"
import { sessionVerbCommand } from "../session-verb-command.ts"

export const command = (context: CommandContext) =>
  sessionVerbCommand(context, {
    name: "resume",
    description: "End a pause",
    done: "goes on.",
    act: (client, sessionId) => client.resumeSession(sessionId),
  })
