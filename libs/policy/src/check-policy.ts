import { isWithin } from "./is-within.ts"
import type { Policy, Rule } from "./policy-document.ts"

/** Something in a policy that its author hardly means. Only what is certain is found. */
export interface PolicyFinding {
  /** `contradiction`: the same match, two decisions. `unreachable`: a stronger rule always comes first. `redundant`. */
  readonly type: "contradiction" | "unreachable" | "redundant"
  readonly rule: string
  /** The rule that it comes from. */
  readonly by: string
  readonly message: string
}

/** Finds contradictions and the rules that never change a decision, in the order of the document. */
export function checkPolicy({ rules }: Policy): readonly PolicyFinding[] {
  return rules.flatMap((rule, index) => {
    const others = rules
      .map((other, place) => ({ other, isLater: place > index }))
      .filter(({ other }) => other !== rule)
    const found = others.map(({ other, isLater }) => compare(rule, other, isLater)).filter((each) => each !== undefined)
    return found.slice(0, 1)
  })
}

const strength = { allow: 0, ask: 1, deny: 2 }

function compare(rule: Rule, other: Rule, isLater: boolean): PolicyFinding | undefined {
  const difference = strength[other.decision] - strength[rule.decision]
  if (difference < 0 || !isWithin(rule, other)) return undefined
  const found = (type: PolicyFinding["type"], message: string) => ({ type, rule: rule.id, by: other.id, message })
  if (difference > 0 && isSame(rule.match, other.match))
    return found("contradiction", `${rule.id} and ${other.id} match the same; ${other.decision} wins.`)
  if (difference > 0)
    return found("unreachable", `${rule.id} never decides: ${other.id} matches all of it, and ${other.decision} wins.`)
  if (!demandsAsMuch(other, rule) || (isLater && isWithin(other, rule) && demandsAsMuch(rule, other))) return undefined
  return found("redundant", `${rule.id} changes nothing: ${other.id} matches all of it and decides the same.`)
}

function demandsAsMuch(rule: Rule, than: Rule) {
  if (rule.decision !== "ask" || than.decision !== "ask") return true
  return isSame([rule.approvers, rule.expiresAfter], [than.approvers, than.expiresAfter])
}

function isSame(first: unknown, second: unknown) {
  return JSON.stringify(toSorted(first)) === JSON.stringify(toSorted(second))
}

// A list of one is what stands in it, and neither a list nor an object has an order here.
function toSorted(value: unknown): unknown {
  if (Array.isArray(value) && value.length === 1) return toSorted(value[0])
  if (Array.isArray(value))
    return value.map(toSorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => [key, toSorted(each)] as const)
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
}
