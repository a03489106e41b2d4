import { expect, it } from "vitest"
import { judgeCall, type PolicyJudgement } from "../src/index.ts"
import type { Decision, PermissionMode } from "../src/schema.ts"

const byRule = (decision: Decision): PolicyJudgement => ({ decision, rule: "r", reason: "because" })
const silent: PolicyJudgement = { decision: "ask", rule: "policy:default", reason: "none" }
const denying: PolicyJudgement = { decision: "deny", rule: "policy:default", reason: "none" }

it.each([
  ["a rule that denies", byRule("deny"), "allow", "bypassPermissions", "deny r"],
  ["a rule that asks", byRule("ask"), "allow", "bypassPermissions", "ask r"],
  ["a rule that asks where nobody is asked", byRule("ask"), "deny", "dontAsk", "deny r"],
  ["a rule that allows", byRule("allow"), "deny", "dontAsk", "allow r"],
  ["a rule that allows", byRule("allow"), "ask", "default", "allow r"],
  ["no rule", silent, "allow", "bypassPermissions", "allow mode"],
  ["no rule", silent, "ask", "default", "ask mode"],
  ["no rule", silent, "deny", "dontAsk", "deny mode"],
  ["a document that denies what it does not know", denying, "allow", "bypassPermissions", "deny policy:default"],
] as const)("%s (%#)", (_, byPolicy, modeSays, mode: PermissionMode, expected) => {
  const byMode = { decision: modeSays, rule: "mode", reason: "" }
  const { decision, rule } = judgeCall({ byPolicy, byMode, mode })
  expect(`${decision} ${rule}`).toBe(expected)
})
