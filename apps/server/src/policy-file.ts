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
  for (const [index, budget] of data.budgets.entries()) {
    const problem = refuseUnenforced(budget)
    if (problem !== undefined) throw new ConfigError(`${placeOf(["budgets", index, "scope"])}: ${problem}`)
  }
  return data
}

/** A limit that is written down and not kept is worse than none. */
export function refuseUnenforced({ scope }: Policy["budgets"][number]) {
  return scope.startsWith("template:")
    ? "a budget of a template is not enforced by this version: take it out."
    : undefined
}
