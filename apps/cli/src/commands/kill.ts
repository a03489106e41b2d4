import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "kill", description: "End a session for good; it stays readable" },
    args: { session: sessionArg, ...commonArgs },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const session = await client.killSession((await findSession(client, args.session)).id)
      if (args.json) output.json(session)
      else output.note(`${output.colors.green("✓")} ${session.id.slice(0, 8)} is ${session.status}.`)
    },
  })
}
