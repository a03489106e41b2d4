import type { CommandContext } from "../command-context.ts"
import { sessionVerbCommand } from "../session-verb-command.ts"

export const command = (context: CommandContext) =>
  sessionVerbCommand(context, {
    name: "restart",
    description: "Start the agent of a session again that has failed or crashed",
    done: "is being started again.",
    act: (client, sessionId) => client.restartSession(sessionId),
  })
