import { AcpError } from "./acp-error.ts"
import type { PermissionOption } from "./agent-fact.ts"
import type { OutboundFrame } from "./agent-host.ts"
import type { RawRequestId } from "./agent-message.ts"
import type { Dialogue } from "./dialogue-state.ts"
import { replyId } from "./frame-id.ts"
import type { JsonRecord } from "./json-record.ts"
import { resultFrame } from "./rpc-frame.ts"

/** Approve and reject find their option by its kind; an option by its id is for what only a person may choose. */
export type PermissionDecision = "approve" | "reject" | "cancelled" | { readonly optionId: string }

export interface PermissionReply {
  readonly requestId: RawRequestId
  readonly options: readonly PermissionOption[]
  readonly decision: PermissionDecision
}

export interface QuestionReply {
  readonly requestId: RawRequestId
  readonly action: "accept" | "decline" | "cancel"
  /** By field of the question's schema; with `accept`. */
  readonly content?: JsonRecord
}

/** Throws `option-not-offered` when there is nothing to approve with, or no such option. */
export function permissionReply({ options: { runId } }: Dialogue, reply: PermissionReply): OutboundFrame {
  const optionId = chooseOption(reply)
  const outcome = optionId === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId }
  return resultFrame(replyId(runId, reply.requestId), reply.requestId, { outcome })
}

export function questionReply(
  { options: { runId } }: Dialogue,
  { requestId, action, content }: QuestionReply,
): OutboundFrame {
  const result = action === "accept" ? { action, content: content ?? {} } : { action }
  return resultFrame(replyId(runId, requestId), requestId, result)
}

/** Undefined: the outcome is `cancelled`. */
function chooseOption({ options, decision }: PermissionReply) {
  if (decision === "cancelled") return undefined
  if (decision === "reject") return (ofKind(options, "reject_once") ?? ofKind(options, "reject_always"))?.optionId
  const chosen = decision === "approve" ? ofKind(options, "allow_once") : withId(options, decision.optionId)
  if (chosen) return chosen.optionId
  const wanted = decision === "approve" ? 'of the kind "allow_once"' : `"${decision.optionId}"`
  const offered = options.map(({ optionId, kind }) => `"${optionId}" (${kind})`).join(", ") || "none"
  throw new AcpError("option-not-offered", `The agent offers no option ${wanted}; it offers ${offered}.`)
}

function ofKind(options: readonly PermissionOption[], kind: string) {
  return options.find((option) => option.kind === kind)
}

function withId(options: readonly PermissionOption[], optionId: string) {
  return options.find((option) => option.optionId === optionId)
}
