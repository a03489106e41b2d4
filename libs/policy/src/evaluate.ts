import { combineAsks } from "./combine-asks.ts"
import type { AllowRule, CompiledPolicy, RestrainingRule } from "./compile-policy.ts"
import { isAllowed, isRestrained, knowsCommand } from "./match-rule.ts"
import { byDefault, defaultRule, type PolicyJudgement } from "./policy-judgement.ts"
import type { PolicyRequest } from "./policy-request.ts"
import { type PreparedRequest, prepareRequest } from "./prepare-request.ts"

/**
 * What a policy says of a request. A deny wins over an ask and an ask over an allow, in whatever order they stand: asking
 * is how a policy says that its allow is not enough. Never throws.
 */
export function evaluate(policy: CompiledPolicy, request: PolicyRequest): PolicyJudgement {
  return judge(policy, prepareRequest(request)) ?? byDefault("ask")
}

/** The same for a prepared request; undefined if the document says nothing. */
export function judge(policy: CompiledPolicy, prepared: PreparedRequest): PolicyJudgement | undefined {
  const denied = policy.deny.about(prepared.possibleKinds).find((rule) => isRestrained(rule, prepared))
  if (denied) return { decision: "deny", rule: denied.id, reason: denied.reason ?? `Denied by the rule ${denied.id}.` }
  const asks = policy.ask.about(prepared.possibleKinds).filter((rule) => isRestrained(rule, prepared))
  if (asks.length > 0) return asks.map(toAsk).reduce(combineAsks)
  return (
    judgeByAllowing(policy.allow.about(prepared.kind === undefined ? undefined : [prepared.kind]), prepared) ??
    (policy.defaultDecision === undefined ? undefined : byDefault(policy.defaultDecision))
  )
}

function toAsk({ id, reason, approvers, expiresAfterMs }: RestrainingRule): PolicyJudgement {
  return {
    decision: "ask",
    rule: id,
    reason: reason ?? `The rule ${id} asks.`,
    approvers: {
      count: approvers?.count ?? 1,
      roles: approvers?.roles,
      notRequester: approvers?.notRequester ?? false,
    },
    ...(expiresAfterMs !== undefined && { expiresAfterMs }),
  }
}

/**
 * Everything that a request names has to be allowed. A rule that names paths, hosts or commands allows those and nothing
 * else; a rule that names none of them allows all that its tools and kinds do.
 */
function judgeByAllowing(rules: readonly AllowRule[], prepared: PreparedRequest): PolicyJudgement | undefined {
  const about = rules.filter((rule) => isAllowed(rule, prepared))
  const whole = about.find(({ paths, hosts, commands }) => !paths && !hosts && !commands)
  if (whole) return toAllow([whole])
  const needed = rulesForEverything(about, prepared)
  if (needed.length > 0 && needed.every((rule) => rule !== undefined)) return toAllow(needed)
}

function rulesForEverything(about: readonly AllowRule[], { paths, hosts, shell }: PreparedRequest) {
  const needed: (AllowRule | undefined)[] = []
  if (shell?.isOpaque) needed.push(undefined)
  for (const command of shell?.judged ?? []) needed.push(about.find((rule) => knowsCommand(rule, command)))
  if (paths.length > 0) needed.push(about.find((rule) => rule.paths))
  if (hosts.length > 0) needed.push(about.find((rule) => rule.hosts))
  return needed
}

function toAllow(rules: readonly AllowRule[]): PolicyJudgement {
  const [first] = rules
  const ids = [...new Set(rules.map(({ id }) => id))]
  const reason = ids.length === 1 ? first?.reason : undefined
  return { decision: "allow", rule: first?.id ?? defaultRule, reason: reason ?? `Allowed by ${ids.join(", ")}.` }
}
