import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "agents", description: "The agents that can be asked for" },
    args: commonArgs,
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { items } = await client.listAgents()
      if (args.json) return output.json(items)
      const width = Math.max(...items.map(({ name }) => name.length))
      for (const { name, installed, version, isDefault } of items) {
        const mark = installed ? output.colors.green("✓") : output.colors.red("✗")
        const state = installed ? (version ?? "") : "not installed"
        output.data(`${mark} ${name.padEnd(width)}  ${state}${isDefault ? output.colors.dim(" (default)") : ""}\n`)
      }
    },
  })
}
