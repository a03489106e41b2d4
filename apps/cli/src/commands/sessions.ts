import type { SessionListItem } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, requireServer } from "../common-args.ts"
import { duration } from "../event-printer.ts"
import { fit, type Output, pad, visible } from "../output.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "sessions", description: "All sessions, newest first" },
    args: {
      ...commonArgs,
      limit: { type: "string", description: "How many", default: "20" },
      status: { type: "string", description: "Only those in this state" },
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const query = {
        limit: Number(args.limit),
        ...(args.status ? { status: args.status as SessionListItem["status"] } : {}),
      }
      const { items } = await client.listSessions(query)
      if (args.json) output.json(items)
      else if (items.length === 0) output.note('No sessions yet. Begin one: ag run "…"')
      else output.data(table(items, output))
    },
  })
}

function table(items: readonly SessionListItem[], output: Output) {
  const now = Date.now()
  const rows = items.map((item) => ({
    item,
    agent: visible(item.agent),
    age: duration(now - Date.parse(item.lastActivity)),
  }))
  const widths = {
    agent: widest(rows.map(({ agent }) => agent)),
    age: widest(rows.map(({ age }) => age)),
    status: widest(items.map(({ status }) => status)),
  }
  const rest = Math.max(10, output.columns - 8 - widths.status - widths.agent - widths.age - 8)
  return rows
    .map(({ item, agent, age }) => {
      const status = statusColor(item.status, output)(pad(item.status, widths.status))
      return `${item.id.slice(0, 8)}  ${status}  ${pad(agent, widths.agent)}  ${pad(fit(visible(item.name), rest), rest)}  ${output.colors.dim(age.padStart(widths.age))}\n`
    })
    .join("")
}

export function statusColor(status: SessionListItem["status"], { colors }: Output) {
  if (status === "permission_prompt" || status === "asking" || status === "rate_limit" || status === "unknown")
    return colors.yellow
  if (status === "working" || status === "pending") return colors.cyan
  if (status === "error" || status === "crashed") return colors.red
  return status === "idle" ? colors.green : colors.dim
}

function widest(texts: readonly string[]) {
  return Math.max(...texts.map((text) => text.length))
}
