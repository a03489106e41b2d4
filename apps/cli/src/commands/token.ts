import { defineCommand } from "citty"
import { CliError } from "../cli-error.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, openConfig } from "../common-args.ts"
import { readToken } from "../find-server.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "token", description: "The local token, for curl and scripts" },
    args: commonArgs,
    run: async ({ args }) => {
      const token = readToken(await openConfig(args.config))
      if (token === undefined)
        throw new CliError(
          "failed",
          "There is no token yet: it is made by the first start. Start a server: ag server start",
        )
      output.data(args.json ? `${JSON.stringify({ token })}\n` : `${token}\n`)
    },
  })
}
