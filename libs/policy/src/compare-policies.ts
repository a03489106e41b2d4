import canonicalize from "canonicalize"
import type { Policy } from "./policy-document.ts"

/** One thing that another version of a policy has, lacks, or says otherwise. */
export interface PolicyChange {
  readonly what: "rule" | "budget" | "default"
  /** A rule's id, a budget's scope and period; of the default, what is decided. */
  readonly name: string
  readonly change: "added" | "removed" | "changed"
}

type Part = Pick<PolicyChange, "what" | "name"> & { readonly text: string | undefined }

/** What of a policy is not as it was, in the order of the later one; what is gone comes last. */
export function comparePolicies(before: Policy | undefined, after: Policy | undefined): readonly PolicyChange[] {
  const [then, now] = [partsOf(before), partsOf(after)]
  const [earlier, later] = [new Map(then.map(byName)), new Map(now.map(byName))]
  const kept = now.flatMap(({ text, ...part }): PolicyChange[] => {
    const known = earlier.get(keyOf(part))
    if (known?.text === text) return []
    return [{ ...part, change: known ? "changed" : "added" }]
  })
  const gone = then.filter((part) => !later.has(keyOf(part)))
  return [...kept, ...gone.map(({ what, name }): PolicyChange => ({ what, name, change: "removed" }))]
}

function partsOf(policy: Policy | undefined): readonly Part[] {
  if (policy === undefined) return []
  const { rules, budgets, defaults } = policy
  return [
    ...(defaults ? [{ what: "default", name: "decision", text: defaults.decision } as const] : []),
    ...rules.map((rule) => ({ what: "rule", name: rule.id, text: canonicalize(rule) }) as const),
    ...budgets.map((budget) => ({ what: "budget", name: nameOf(budget), text: canonicalize(budget) }) as const),
  ]
}

function keyOf({ what, name }: Pick<PolicyChange, "what" | "name">) {
  return `${what} ${name}`
}

function byName(part: Part) {
  return [keyOf(part), part] as const
}

function nameOf({ scope, per }: Policy["budgets"][number]) {
  return per === undefined ? scope : `${scope} per ${per}`
}
