import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { routineTable } from "../routine-lines.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "routines", description: "What begins by the clock, newest first" },
    args: { ...commonArgs, limit: { type: "string", description: "How many", default: "20" } },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { items } = await client.listRoutines({ limit: Number(args.limit) })
      if (args.json) output.json(items)
      else if (items.length === 0) output.note("No routines yet. Make one: ag routine create -f nightly.yaml")
      else output.data(routineTable(items, output))
    },
  })
}
