import { type CommandGlob, compileCommandGlob, compileRestrainingGlob, type RestrainingGlob } from "./command-glob.ts"
import { durationMs } from "./duration.ts"
import { compileText, type PartTest } from "./glob.ts"
import { compilePathGlob, type PathGlob } from "./path-glob.ts"
import type { Approvers, Policy, Rule, RuleMatch } from "./policy-document.ts"
import { RuleList } from "./rule-list.ts"
import type { TimeWindow } from "./time-window.ts"
import { createWallClock, type WallTime } from "./wall-clock.ts"

/** A policy with its patterns ready, for any number of requests. */
export interface CompiledPolicy {
  readonly allow: RuleList<AllowRule>
  readonly deny: RuleList<RestrainingRule>
  readonly ask: RuleList<RestrainingRule>
  /** Undefined if the document does not say. */
  readonly defaultDecision: "ask" | "deny" | undefined
}

export interface CompiledRule {
  readonly id: string
  readonly reason: string | undefined
  readonly kinds: ReadonlySet<string> | undefined
  readonly tools: readonly PartTest[] | undefined
  readonly paths: readonly PathGlob[] | undefined
  readonly hosts: readonly PartTest[] | undefined
  readonly modes: ReadonlySet<string> | undefined
  readonly agents: readonly PartTest[] | undefined
  readonly owners: readonly PartTest[] | undefined
  readonly labels: readonly (readonly [label: string, values: readonly PartTest[]])[]
  readonly time: (TimeWindow & { readonly wallClock: (at: number) => WallTime | undefined }) | undefined
}

export interface AllowRule extends CompiledRule {
  readonly commands: readonly CommandGlob[] | undefined
}

export interface RestrainingRule extends CompiledRule {
  readonly commands: readonly RestrainingGlob[] | undefined
  readonly approvers: Approvers | undefined
  readonly expiresAfterMs: number | undefined
}

export function compilePolicy({ rules, defaults }: Policy): CompiledPolicy {
  const restraining = (decision: Rule["decision"]) =>
    new RuleList(rules.filter((rule) => rule.decision === decision).map(compileRestrainingRule))
  return {
    allow: new RuleList(rules.filter(({ decision }) => decision === "allow").map(compileAllowRule)),
    deny: restraining("deny"),
    ask: restraining("ask"),
    defaultDecision: defaults?.decision,
  }
}

/** Whether there is anything that it would deny, or ask about. */
export function restrains({ deny, ask, defaultDecision }: CompiledPolicy) {
  return deny.all.length > 0 || ask.all.length > 0 || defaultDecision === "deny"
}

export function listOf<Item>(oneOrMore: Item | readonly Item[] | undefined): readonly Item[] | undefined {
  if (oneOrMore === undefined) return undefined
  return isList(oneOrMore) ? oneOrMore : [oneOrMore]
}

function compileAllowRule(rule: Rule): AllowRule {
  return { ...compileRule(rule, { isAllow: true }), commands: listOf(rule.match.command)?.map(compileCommandGlob) }
}

function compileRestrainingRule(rule: Rule): RestrainingRule {
  const { approvers, expiresAfter } = rule.decision === "ask" ? rule : { approvers: undefined, expiresAfter: undefined }
  return {
    ...compileRule(rule, { isAllow: false }),
    commands: listOf(rule.match.command)?.map(compileRestrainingGlob),
    approvers,
    expiresAfterMs: expiresAfter === undefined ? undefined : durationMs(expiresAfter),
  }
}

function compileRule({ id, reason, match }: Rule, { isAllow }: { isAllow: boolean }): CompiledRule {
  return {
    id,
    reason,
    kinds: setOf(match.kind),
    tools: textsOf(match.tool),
    paths: listOf(match.path)?.map((pattern) => compilePathGlob(pattern, { isAllow })),
    hosts: listOf(match.host)?.map((pattern) => compileText(pattern.toLowerCase())),
    modes: setOf(match.mode),
    agents: textsOf(match.agent),
    owners: textsOf(match.owner),
    labels: Object.entries(match.labels ?? {}).map(([label, values]) => [label, textsOf(values) ?? []]),
    time: match.time && { ...match.time, wallClock: createWallClock(match.time.timeZone) },
  }
}

function setOf(names: RuleMatch["kind"] | RuleMatch["mode"]): ReadonlySet<string> | undefined {
  const list = listOf<string>(names)
  return list && new Set(list)
}

function textsOf(patterns: string | readonly string[] | undefined) {
  return listOf(patterns)?.map((pattern) => compileText(pattern))
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value)
}
