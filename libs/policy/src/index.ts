export { asksLess } from "./asks-less.ts"
export {
  type Audience,
  type AuthorizeOptions,
  audienceOf,
  authorize,
  isVisibleTo,
  mayGrant,
  type Principal,
  permissionsOf,
  type Target,
  type Verdict,
} from "./authorize.ts"
export {
  type BudgetAccount,
  type BudgetSubject,
  type Budgets,
  compileBudgets,
  type Spending,
  type Standing,
} from "./budgets.ts"
export { type CallRule, type CallRulesContext, callRules } from "./call-rules.ts"
export { type CanAllow, canAllow, type PartialRequest } from "./can-allow.ts"
export { checkPolicy, type PolicyFinding } from "./check-policy.ts"
export { comparePolicies, type PolicyChange } from "./compare-policies.ts"
export { type CompiledPolicy, compilePolicy, restrains } from "./compile-policy.ts"
export { DurationSchema, durationMs } from "./duration.ts"
export { evaluate } from "./evaluate.ts"
export { evaluateScopes, type ScopedJudgement, type ScopedPolicy } from "./evaluate-scopes.ts"
export { type JudgeByModeOptions, type Judgement, judgeByMode, type ToolRequest } from "./judge-by-mode.ts"
export { type JudgeCallOptions, judgeCall } from "./judge-call.ts"
export { mayLeadInto, type PathPart, type PathWord, readPathWords } from "./path-words.ts"
export type { Budget, Policy, Rule } from "./policy-document.ts"
export { defaultRule, type PolicyJudgement, type RequiredApprovers } from "./policy-judgement.ts"
export type { PolicyContext, PolicyRequest } from "./policy-request.ts"
export { type CommandReading, readCommand } from "./read-command.ts"
export {
  isSameAnswer,
  type RecordedRequest,
  type SimulatedChange,
  type SimulatedOutcome,
  type SimulateOptions,
  Simulation,
  simulate,
} from "./simulate.ts"
export {
  type AnsweredRequest,
  type SuggestedRule,
  type SuggestRulesOptions,
  suggestInSteps,
  suggestRules,
} from "./suggest-rules.ts"
export type { AccessMark, Decision, Permission, PermissionMode, Role } from "./words.ts"
