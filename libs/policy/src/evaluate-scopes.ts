import { combineAsks } from "./combine-asks.ts"
import type { CompiledPolicy } from "./compile-policy.ts"
import { judge } from "./evaluate.ts"
import { byDefault, defaultRule, type PolicyJudgement } from "./policy-judgement.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { prepareRequest } from "./prepare-request.ts"

export interface ScopedPolicy {
  readonly scope: "server" | "template" | "session"
  readonly policy: CompiledPolicy
  /** Its author may write policies (`policy.write`): then it may also allow what is only asked about further out. */
  readonly mayLoosen: boolean
}

export interface ScopedJudgement extends PolicyJudgement {
  /** Whose word it is; undefined if no policy said anything. */
  readonly scope: ScopedPolicy["scope"] | undefined
}

/**
 * What several policies say of a request, from the widest to the narrowest. A narrower one tightens; it loosens only if it
 * may, and never what a rule further out denies. Where nobody says anything the answer is to ask.
 */
export function evaluateScopes(policies: readonly ScopedPolicy[], request: PolicyRequest): ScopedJudgement {
  const prepared = prepareRequest(request)
  return policies.reduce<ScopedJudgement>(
    (wide, { scope, policy, mayLoosen }) => {
      const narrow = judge(policy, prepared)
      return narrow ? combine(wide, { ...narrow, scope }, mayLoosen) : wide
    },
    { ...byDefault("ask"), scope: undefined },
  )
}

const strictness = { allow: 0, ask: 1, deny: 2 }

function combine(wide: ScopedJudgement, narrow: ScopedJudgement, mayLoosen: boolean): ScopedJudgement {
  const difference = strictness[narrow.decision] - strictness[wide.decision]
  if (difference > 0) return narrow
  if (difference < 0) return mayLoosen && canLoosen(wide, narrow) ? narrow : wide
  if (wide.decision === "ask" && narrow.approvers) return combineScopedAsks(wide, narrow)
  return wide
}

// A default gives way to a rule, a rule that asks to one that allows; a rule that denies to nobody.
function canLoosen(wide: ScopedJudgement, narrow: ScopedJudgement) {
  if (narrow.rule === defaultRule) return false
  return wide.decision !== "deny" || wide.rule === defaultRule
}

function combineScopedAsks(wide: ScopedJudgement, narrow: ScopedJudgement): ScopedJudgement {
  if (wide.approvers === undefined) return narrow
  const combined = combineAsks(wide, narrow)
  return { ...combined, scope: combined.rule === wide.rule ? wide.scope : narrow.scope }
}
