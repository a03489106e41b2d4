import type { AegisClient } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "./command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "./common-args.ts"

export interface SessionVerb {
  readonly name: string
  readonly description: string
  /** What is true when it is done, after the session's name. */
  readonly done: string
  readonly act: (client: AegisClient, sessionId: string) => Promise<object>
}

/** `ag interrupt`, `ag pause` and the like: one thing that is done to one session. */
export function sessionVerbCommand({ output }: CommandContext, { name, description, done, act }: SessionVerb) {
  return defineCommand({
    meta: { name, description },
    args: { session: sessionArg, ...commonArgs },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { id } = await findSession(client, args.session)
      const answer = await act(client, id)
      if (args.json) output.json(answer)
      else output.note(`${output.colors.green("✓")} ${id.slice(0, 8)} ${done}`)
    },
  })
}
