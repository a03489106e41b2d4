import type { Decision } from "./words.ts"

/** Who has to approve what a policy asks about. */
export interface RequiredApprovers {
  readonly count: number
  /** Undefined: anybody who may approve. */
  readonly roles: readonly string[] | undefined
  readonly notRequester: boolean
}

export interface PolicyJudgement {
  readonly decision: Decision
  /** The id of the rule that decided, or `policy:default` if none did. */
  readonly rule: string
  readonly reason: string
  readonly approvers?: RequiredApprovers
  readonly expiresAfterMs?: number
}

/** What `rule` says where no rule decided; no rule has such an id. */
export const defaultRule = "policy:default"

export function byDefault(decision: "ask" | "deny"): PolicyJudgement {
  return { decision, rule: defaultRule, reason: "No rule of the policy decides it." }
}
