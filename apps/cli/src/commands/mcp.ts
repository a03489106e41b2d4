import { defineCommand } from "citty"
import { ensureServer } from "../background-server.ts"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, openConfig, serverOfAgent } from "../common-args.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "mcp", description: "An MCP server on stdin and stdout, for MCP hosts" },
    args: { config: commonArgs.config },
    run: async ({ args }) => {
      const { client, url } = serverOfAgent() ?? (await localServer(args.config))
      const [{ serveStdio }, { version }] = await Promise.all([import("@aegis/mcp"), client.getVersion()])
      output.note(`Speaking MCP for the server at ${url}.`)
      await serveStdio(client, { version, stdin: process.stdin, stdout: process.stdout })
    },
  })
}

async function localServer(configFile: string | undefined) {
  return ensureServer({ config: await openConfig(configFile), configFile, env: process.env })
}
