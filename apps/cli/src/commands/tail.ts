import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { EventPrinter } from "../event-printer.ts"
import { tellOfOutages } from "../tell-of-outages.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "tail", description: "Follow a session until it ends, or Ctrl+C" },
    args: {
      session: sessionArg,
      after: { type: "string", description: "Only what comes after this event", default: "0" },
      ...commonArgs,
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { id } = await findSession(client, args.session)
      const printer = new EventPrinter(output)
      const leave = new AbortController()
      process.once("SIGINT", () => leave.abort())
      const following = { after: Number(args.after), signal: leave.signal, onConnection: tellOfOutages(printer) }
      for await (const item of client.rawEvents(id, following)) {
        if (item.type === "gap")
          output.note(`Events ${item.to + 1} to ${item.from} are not there: the log is older than that.`)
        else if (args.json) output.exactJson(item.json)
        else printer.print(item.event)
      }
      printer.endLine()
    },
  })
}
