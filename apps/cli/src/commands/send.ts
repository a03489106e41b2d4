import type { SentMessage } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { excessWords } from "../excess-words.ts"
import type { Output } from "../output.ts"

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
      const { id } = await findSession(client, args.session)
      const sent = await client.sendMessage(id, args.text)
      if (args.json) output.json(sent)
      else output.note(sentence(sent, { id, output }))
    },
  })
}

function sentence({ delivered, exceeded }: SentMessage, { id, output: { colors } }: SentenceOptions) {
  if (exceeded) return `${colors.yellow("◌")} Accepted; it waits: ${excessWords(exceeded, id)}`
  return `${colors.green("✓")} ${delivered ? "The agent has it." : "Accepted; it waits for its turn."}`
}

interface SentenceOptions {
  readonly id: string
  readonly output: Output
}
