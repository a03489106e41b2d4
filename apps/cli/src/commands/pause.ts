import type { CommandContext } from "../command-context.ts"
import { sessionVerbCommand } from "../session-verb-command.ts"

export const command = (context: CommandContext) =>
  sessionVerbCommand(context, {
    name: "pause",
    description: "Hold the queue: no prompt goes out until it is resumed",
    done: "is paused; go on with: ag resume",
    act: (client, sessionId) => client.pauseSession(sessionId),
  })
