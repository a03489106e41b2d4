import { type Policy, PolicySchema } from "@aegis/policy/schema"
import { ConfigError } from "./config-error.ts"
import { readYamlFile } from "./yaml-file.ts"

/** The policy in a file (spec/policy.md), or a `ConfigError` that says where and what: a broken one is never skipped. */
export function readPolicyFile(file: string): Policy {
  const { values, placeOf } = readYamlFile(file)
  const { data, error } = PolicySchema.safeParse(values)
  if (error)
    throw new ConfigError(
      error.issues.map(({ path, message }) => `${placeOf(path)}: ${path.join(".") || "policy"}: ${message}`).join("\n"),
    )
  refuseUnenforced(data, placeOf)
  return data
}

// A limit that is written down and not kept is worse than none.
function refuseUnenforced({ budgets, rules }: Policy, placeOf: (path: readonly PropertyKey[]) => string) {
  const refuse = (path: readonly PropertyKey[]) => {
    throw new ConfigError(`${placeOf(path)}: ${path.join(".")} is not enforced by this version: take it out.`)
  }
  if (budgets.length > 0) refuse(["budgets"])
  for (const [index, rule] of rules.entries()) {
    if (rule.decision !== "ask" || rule.approvers === undefined) continue
    if (rule.approvers.roles) refuse(["rules", index, "approvers", "roles"])
    if (rule.approvers.notRequester) refuse(["rules", index, "approvers", "notRequester"])
  }
}
