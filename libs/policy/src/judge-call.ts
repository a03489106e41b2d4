import type { Judgement } from "./judge-by-mode.ts"
import { defaultRule, type PolicyJudgement } from "./policy-judgement.ts"
import type { PermissionMode } from "./words.ts"

export interface JudgeCallOptions {
  readonly byPolicy: PolicyJudgement
  readonly byMode: Judgement
  readonly mode: PermissionMode
  /** The approval that goes for this call again, where somebody wished that. */
  readonly remembered?: string | undefined
}

/**
 * What policy and mode say together. A rule decides before any mode: no mode allows what a rule denies or asks about. Where
 * no rule decides, the mode does. Nobody is asked in `dontAsk`, so what a rule asks about is denied there (spec/sessions.md,
 * Modes).
 */
export function judgeCall({ byPolicy, byMode, mode, remembered }: JudgeCallOptions): PolicyJudgement {
  if (byPolicy.rule === defaultRule && byPolicy.decision === "ask") return withMemory(byMode, remembered)
  if (byPolicy.decision !== "ask" || mode !== "dontAsk") return byPolicy
  const { rule } = byPolicy
  return { decision: "deny", rule, reason: `The rule ${rule} asks, and the session asks nobody.` }
}

// Only where nothing but the mode wants a person: what a rule asks about it asks about each time.
function withMemory(byMode: Judgement, remembered: string | undefined): PolicyJudgement {
  if (remembered === undefined || byMode.decision !== "ask") return byMode
  const reason = "A person has approved this call for the session."
  return { decision: "allow", rule: `remembered:${remembered}`, reason }
}
