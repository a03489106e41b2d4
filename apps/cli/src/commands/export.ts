import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { visible } from "../output.ts"
import { saveFile } from "../save-file.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "export", description: "All of a session as a file, for archives or for people" },
    args: {
      session: sessionArg,
      format: {
        type: "string",
        description: "jsonl, its events to the letter; md, its transcript; or cassette, to play its agent again",
        default: "jsonl",
      },
      out: { type: "string", description: "Into this file, for you alone; else on stdout", valueHint: "file" },
      config: commonArgs.config,
    },
    run: async ({ args: { session: name, format, out, config } }) => {
      if (format !== "jsonl" && format !== "md" && format !== "cassette")
        throw new CliError("usage", `There is no format "${format}". There are: jsonl, md, cassette.`)
      const { client } = await requireServer(config)
      const { id } = await findSession(client, name)
      const bytes = await client.exportSession(id, { format })
      if (out === undefined) return output.stream(bytes)
      await saveFile(bytes, out)
      output.note(`${output.colors.green("✓")} ${visible(out)}`)
    },
  })
}
