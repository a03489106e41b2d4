import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "send", description: "Send a prompt to a session" },
    args: {
      session: sessionArg,
      text: { type: "positional", description: "The prompt", required: true },
      ...commonArgs,
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const sent = await client.sendMessage((await findSession(client, args.session)).id, args.text)
      if (args.json) output.data(`${JSON.stringify(sent)}\n`)
      else
        output.note(
          sent.delivered
            ? `${output.colors.green("✓")} The agent has it.`
            : `${output.colors.green("✓")} Accepted; it waits for its turn.`,
        )
    },
  })
}
