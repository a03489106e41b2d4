import type { Judgement } from "./judge-by-mode.ts"
import { defaultRule, type PolicyJudgement } from "./policy-judgement.ts"
import type { PermissionMode } from "./words.ts"

export interface JudgeCallOptions {
  readonly byPolicy: PolicyJudgement
  readonly byMode: Judgement
  readonly mode: PermissionMode
}

/**
 * What policy and mode say together. A rule decides before any mode: no mode allows what a rule denies or asks about. Where
 * no rule decides, the mode does. Nobody is asked in `dontAsk`, so what a rule asks about is denied there (spec/sessions.md,
 * Modes).
 */
export function judgeCall({ byPolicy, byMode, mode }: JudgeCallOptions): PolicyJudgement {
  if (byPolicy.rule === defaultRule && byPolicy.decision === "ask") return byMode
  if (byPolicy.decision !== "ask" || mode !== "dontAsk") return byPolicy
  const { rule } = byPolicy
  return { decision: "deny", rule, reason: `The rule ${rule} asks, and the session asks nobody.` }
}
