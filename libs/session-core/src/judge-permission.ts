import type { PermissionFact } from "@aegis/acp-runtime"
import type { AegisParts, JudgeRequest } from "./aegis-parts.ts"
import { canonical } from "./canonical.ts"
import { canonicalCall } from "./canonical-call.ts"
import type { JudgedPermission } from "./judged-fact.ts"

/** What an agent wants to do, with all that `decide` may not find out itself: what policy says, and what it would touch. */
export async function judgePermission(
  { judge, inspect, settings, sha256, newId }: Pick<AegisParts, "judge" | "inspect" | "settings" | "sha256" | "newId">,
  session: JudgeRequest["session"],
  fact: PermissionFact,
): Promise<JudgedPermission> {
  const request = { tool: fact.toolCall, session }
  const files = await inspect(request)
  const call = sha256(canonicalCall(fact.toolCall, files))
  const remembered = session.permissions?.remembered?.[call]
  const { decision, rule, reason, required = 1, shadow, ...more } = await judge({ ...request, remembered })
  // A rule may ask for more than the server does, not for less.
  const terms = { ...settings.approvals, ...more, required: Math.max(required, settings.approvals.required) }
  const digest = sha256(canonical(fact.toolCall))
  return { ...fact, approvalId: newId(), digest, files, call, judgement: { decision, rule, reason }, terms, shadow }
}
