import { listOf } from "./compile-policy.ts"
import { compileText } from "./glob.ts"
import type { Policy, Rule, RuleMatch } from "./policy-document.ts"
import type { PolicyContext } from "./policy-request.ts"

/** A rule that denies or asks, as the calls that it is about: for an agent that is to keep it, or to ask, by itself. */
export interface CallRule {
  readonly id: string
  readonly decision: "deny" | "ask"
  /** It depends on nothing that may change while the agent runs: not on mode, labels, owner or time. */
  readonly isStanding: boolean
  readonly tools?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  readonly paths?: readonly string[] | undefined
  readonly commands?: readonly string[] | undefined
  readonly hosts?: readonly string[] | undefined
}

/** Of a session, what is known when its agent starts. */
export type CallRulesContext = Partial<Pick<PolicyContext, "agent" | "labels" | "owner">>

/**
 * The rules that may hold in a session (spec/sessions.md, Modes). Where everything is denied that no rule knows, the last
 * one asks about every call.
 */
export function callRules({ rules, defaults }: Policy, context: CallRulesContext = {}): readonly CallRule[] {
  const restraining = rules.flatMap((rule) => (mayHold(rule.match, context) ? toCallRule(rule) : []))
  if (defaults?.decision !== "deny") return restraining
  return [...restraining, { id: "default", decision: "ask", isStanding: true }]
}

function toCallRule({ id, decision, match }: Rule): readonly CallRule[] {
  if (decision === "allow") return []
  const { mode, labels, owner, time } = match
  return [
    {
      id,
      decision,
      isStanding: !mode && !owner && !time && Object.keys(labels ?? {}).length === 0,
      tools: listOf(match.tool),
      kinds: listOf(match.kind),
      paths: listOf(match.path),
      commands: listOf(match.command),
      hosts: listOf(match.host),
    },
  ]
}

function mayHold(match: RuleMatch, { agent, labels, owner }: CallRulesContext) {
  const fits = (patterns: string | readonly string[] | undefined, text: string | undefined) =>
    text === undefined || (listOf(patterns)?.some((pattern) => compileText(pattern)(text)) ?? true)
  const fitsLabels =
    labels === undefined ||
    Object.entries(match.labels ?? {}).every(
      ([label, patterns]) => Object.hasOwn(labels, label) && fits(patterns, labels[label]),
    )
  return fits(match.agent, agent) && fits(match.owner, owner) && fitsLabels
}
