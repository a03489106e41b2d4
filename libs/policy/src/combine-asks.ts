import type { PolicyJudgement } from "./policy-judgement.ts"

/**
 * Two rules that ask, as one judgement that satisfies both: the larger count, the roles that both name, the earlier end.
 * Where no role satisfies both nobody could approve, and that is a deny.
 */
export function combineAsks(first: PolicyJudgement, second: PolicyJudgement): PolicyJudgement {
  if (first.decision === "deny") return first
  const roles = commonRoles(first.approvers?.roles, second.approvers?.roles)
  const { rule, reason } = (second.approvers?.count ?? 0) > (first.approvers?.count ?? 0) ? second : first
  if (roles?.length === 0)
    return { decision: "deny", rule, reason: `${first.rule} and ${second.rule} ask for roles that nobody has both of.` }
  const ends = [first.expiresAfterMs, second.expiresAfterMs].filter((end) => end !== undefined)
  return {
    decision: "ask",
    rule,
    reason,
    approvers: {
      count: Math.max(first.approvers?.count ?? 1, second.approvers?.count ?? 1),
      roles,
      notRequester: (first.approvers?.notRequester ?? false) || (second.approvers?.notRequester ?? false),
    },
    ...(ends.length > 0 && { expiresAfterMs: Math.min(...ends) }),
  }
}

function commonRoles(first: readonly string[] | undefined, second: readonly string[] | undefined) {
  if (first === undefined || second === undefined) return first ?? second
  return first.filter((role) => second.includes(role))
}
