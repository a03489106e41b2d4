import type { SessionListItem } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "../command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "../common-args.ts"
import { dollars } from "../event-printer.ts"
import { excessWords } from "../excess-words.ts"
import { headline, visible } from "../output.ts"
import { statusColor } from "./sessions.ts"
import { stopWords } from "./stop-all.ts"

export function command({ output }: CommandContext) {
  return defineCommand({
    meta: { name: "show", description: "One session, and what waits in it" },
    args: { session: sessionArg, ...commonArgs },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const session = await client.getSession((await findSession(client, args.session)).id)
      const { items: approvals } = await client.listSessionApprovals(session.id, { status: "open" })
      if (args.json) return output.json({ ...session, approvals })
      const rows: [string, string | undefined][] = [
        ["id", session.id],
        ["name", visible(session.name)],
        ["status", statusColor(session.status, output)(statusWords(session.status))],
        ["agent", [session.agent, session.model].filter(Boolean).join(" · ")],
        ["mode", session.permissionMode],
        ["folder", visible(session.workDir)],
        ["queue", session.queuedPrompts > 0 ? `${session.queuedPrompts} prompts` : undefined],
        ["stopped", session.stop && output.colors.red(stopWords(session.stop))],
        ["held", session.exceeded && output.colors.yellow(excessWords(session.exceeded, session.id))],
        ["cost", dollars(session.cost)],
        ["problem", session.failure && output.colors.red(visible(session.failure.message))],
        ["question", session.pendingQuestion && visible(session.pendingQuestion.message)],
        ...approvals.map((approval): [string, string] => [
          "approval",
          `${approval.approvalId.slice(0, 8)}  ${headline(approval.tool.title ?? approval.tool.name ?? "")}`,
        ]),
      ]
      for (const [label, value] of rows) if (value) output.data(`${output.colors.dim(label.padEnd(9))} ${value}\n`)
    },
  })
}

function statusWords(status: SessionListItem["status"]) {
  return status === "unknown" ? "unknown: its agent is out of reach" : status
}
