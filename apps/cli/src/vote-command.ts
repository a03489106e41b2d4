import type { AegisClient } from "@aegis/client"
import { defineCommand } from "citty"
import type { CommandContext } from "./command-context.ts"
import { commonArgs, findSession, requireServer, sessionArg } from "./common-args.ts"
import { headline } from "./output.ts"

/** `ag approve` and `ag reject`: the only approval that waits, or the one that is named. */
export function voteCommand({ output }: CommandContext, choice: "approve" | "reject") {
  return defineCommand({
    meta: { name: choice, description: `${choice === "approve" ? "Approve" : "Reject"} what waits in a session` },
    args: {
      session: sessionArg,
      approval: {
        type: "positional",
        description: "Id of the approval, or its beginning, where several wait",
        required: false,
      },
      reason: { type: "string", description: "Why" },
      ...(choice === "approve" ? { remember } : {}),
      ...commonArgs,
    },
    run: async ({ args }) => {
      const { client } = await requireServer(args.config)
      const { id } = await findSession(client, args.session)
      const body = { ...(await named(client, id, args.approval)), ...(args.reason ? { reason: args.reason } : {}) }
      const approval = await (choice === "approve"
        ? client.approvePermission(id, { ...body, ...(args.remember ? { remember: true } : {}) })
        : client.rejectPermission(id, body))
      if (args.json) output.json(approval)
      else
        output.note(
          `${output.colors.green("✓")} ${approval.status}: ${headline(approval.tool.title ?? approval.tool.name ?? approval.approvalId)}`,
        )
    },
  })
}

const remember = { type: "boolean", description: "Allow the same call in this session from now on" } as const

async function named(client: AegisClient, sessionId: string, wanted: string | undefined) {
  if (wanted === undefined) return {}
  const { items } = await client.listSessionApprovals(sessionId)
  const found = items.find(({ approvalId }) => approvalId.startsWith(wanted))
  return { approvalId: found?.approvalId ?? wanted }
}
