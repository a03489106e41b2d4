import type { PermissionFact } from "@aegis/acp-runtime"
import canonicalize from "canonicalize"
import type { AegisParts, JudgeRequest } from "./aegis-parts.ts"
import type { JudgedPermission } from "./judged-fact.ts"

/** What an agent wants to do, with all that `decide` may not find out itself: what policy says, and what it would touch. */
export async function judgePermission(
  { judge, inspect, settings, sha256, newId }: Pick<AegisParts, "judge" | "inspect" | "settings" | "sha256" | "newId">,
  session: JudgeRequest["session"],
  fact: PermissionFact,
): Promise<JudgedPermission> {
  const request = { tool: fact.toolCall, session }
  const [{ decision, rule, reason, required = 1, shadow, ...more }, files] = await Promise.all([
    judge(request),
    inspect(request),
  ])
  // A rule may ask for more than the server does, not for less.
  const terms = { ...settings.approvals, ...more, required: Math.max(required, settings.approvals.required) }
  const digest = sha256(canonicalize(fact.toolCall) ?? "")
  return { ...fact, approvalId: newId(), digest, files, judgement: { decision, rule, reason }, terms, shadow }
}
