import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { visible } from "../output.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "fork", description: "Begin a session that knows what another one knows by now" },
    args: {
      session: sessionArg,
      prompt: { type: "positional", required: false, description: "What it is to do", valueHint: "prompt" },
      name: { type: "string", description: "Its name", valueHint: "name" },
      ...commonArgs,
    },
    run: async ({ args: { session: name, prompt, name: own, config, json } }) => {
      const { client } = await requireServer(config)
      const { id } = await findSession(client, name)
      const wish = { ...(prompt === undefined ? {} : { prompt }), ...(own === undefined ? {} : { name: own }) }
      const forked = await client.forkSession(id, wish)
      if (json) return output.json(forked)
      output.data(`${forked.id}\n`)
      output.note(
        `Session ${visible(forked.name)} goes on from ${id.slice(0, 8)}. Follow it: ag tail ${forked.id.slice(0, 8)}`,
      )
    },
  })
}
