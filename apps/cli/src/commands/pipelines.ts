import type { PipelineItem } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { duration } from "../event-printer.ts"
import { fit, type Output, pad, visible } from "../output.ts"
import { colorOfStatus } from "../pipeline-lines.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "pipelines", description: "Work in stages, newest first" },
    args: {
      ...commonArgs,
      limit: { type: "string", description: "How many", default: "20" },
      status: { type: "string", description: "Only those that are: running, completed, failed or cancelled" },
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { items } = await client.listPipelines({
        limit: Number(args.limit),
        ...(args.status ? { status: args.status as PipelineItem["status"] } : {}),
      })
      if (args.json) output.json(items)
      else if (items.length === 0) output.note("No pipelines yet. Begin one: ag pipeline create -f stages.yaml")
      else output.data(table(items, output))
    },
  })
}

function table(items: readonly PipelineItem[], output: Output) {
  const now = Date.now()
  const rows = items.map((item) => ({
    item,
    done: `${item.stages.filter(({ status }) => status === "completed").length}/${item.stages.length}`,
    age: duration(now - Date.parse(item.endedAt ?? item.createdAt)),
  }))
  const width = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length))
  const widths = {
    status: width(items.map(({ status }) => status)),
    done: width(rows.map(({ done }) => done)),
    age: width(rows.map(({ age }) => age)),
  }
  const rest = Math.max(10, output.columns - 8 - widths.status - widths.done - widths.age - 8)
  return rows
    .map(({ item, done, age }) => {
      const status = colorOfStatus(item.status, output)(pad(item.status, widths.status))
      const name = pad(fit(visible(item.name), rest), rest)
      return `${item.id.slice(0, 8)}  ${status}  ${done.padStart(widths.done)}  ${name}  ${output.colors.dim(age.padStart(widths.age))}\n`
    })
    .join("")
}
