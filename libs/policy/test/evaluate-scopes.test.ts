import { expect, it } from "vitest"
import { compilePolicy, evaluateScopes, type ScopedPolicy } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"
import { ask, compile } from "./fixtures/policies.ts"

const read = ask({ kind: "read" })
const only = (decision: string, more?: object) => compile({ id: decision, decision, match: { kind: "read" }, ...more })
const byDefault = (decision: string) => compilePolicy(PolicySchema.parse({ version: 1, defaults: { decision } }))
const says = { allow: only("allow"), ask: only("ask"), deny: only("deny"), nothing: compile() }

const server = (policy: ScopedPolicy["policy"]) => ({ scope: "server", policy, mayLoosen: true }) as const
const session = (policy: ScopedPolicy["policy"], mayLoosen = false) =>
  ({ scope: "session", policy, mayLoosen }) as const

it.each([
  ["allow", "nothing", "allow", "allow"],
  ["allow", "allow", "allow", "allow"],
  ["allow", "ask", "ask", "ask"],
  ["allow", "deny", "deny", "deny"],
  ["ask", "allow", "ask", "allow"],
  ["ask", "nothing", "ask", "ask"],
  ["ask", "deny", "deny", "deny"],
  ["deny", "allow", "deny", "deny"],
  ["deny", "ask", "deny", "deny"],
  ["nothing", "allow", "ask", "allow"],
  ["nothing", "nothing", "ask", "ask"],
  ["nothing", "deny", "deny", "deny"],
] as const)("the server says %s, the session %s: %s, or %s if it may loosen", (wide, narrow, tight, loose) => {
  const decide = (mayLoosen: boolean) =>
    evaluateScopes([server(says[wide]), session(says[narrow], mayLoosen)], read).decision
  expect(decide(false)).toBe(tight)
  expect(decide(true)).toBe(loose)
})

it("a default gives way to a rule of somebody who may loosen, and to nobody's default", () => {
  const decide = (policy: ScopedPolicy["policy"]) =>
    evaluateScopes([server(byDefault("deny")), session(policy, true)], read)
  expect(decide(says.allow)).toMatchObject({ decision: "allow", rule: "allow", scope: "session" })
  expect(decide(byDefault("ask"))).toMatchObject({ decision: "deny", scope: "server" })
})

it("a default that is written down tightens like a rule", () => {
  expect(evaluateScopes([server(says.allow), session(byDefault("deny"))], read)).toMatchObject({
    decision: "deny",
    scope: "session",
  })
})

it("what several scopes ask for is asked for at once", () => {
  const strict = only("ask", { approvers: { count: 2 } })
  const other = only("ask", { id: "other", approvers: { notRequester: true } })
  expect(evaluateScopes([server(strict), session(other)], read)).toMatchObject({
    rule: "ask",
    scope: "server",
    approvers: { count: 2, notRequester: true },
  })
})

it("says whose word it is", () => {
  expect(evaluateScopes([], read)).toMatchObject({ decision: "ask", rule: "policy:default", scope: undefined })
  expect(evaluateScopes([server(says.ask)], read)).toMatchObject({ rule: "ask", scope: "server" })
})
