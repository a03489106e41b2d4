import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkPolicy, compilePolicy, evaluate } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"
import { policyOf, requests, ruleBodies } from "./fixtures/arbitraries.ts"
import { example } from "./fixtures/policies.ts"

const rule = (id: string, decision: string, match: object, more?: object) => ({ id, decision, match, ...more })
const check = (...rules: readonly object[]) =>
  checkPolicy(PolicySchema.parse({ version: 1, rules })).map(({ type, rule: id, by }) => `${id} ${type} ${by}`)

describe("checkPolicy", () => {
  it("has nothing against the example", () => {
    expect(checkPolicy(PolicySchema.parse(example))).toEqual([])
  })

  it("finds the same match with two decisions, whatever its order", () => {
    const first = rule("a", "allow", { kind: ["read", "edit"], path: ["/a", "/b"] })
    const second = rule("d", "deny", { path: ["/b", "/a"], kind: ["edit", "read"] })
    expect(check(first, second)).toEqual(["a contradiction d"])
    expect(check(rule("a", "ask", { kind: "read" }), rule("d", "deny", { kind: ["read"] }))).toEqual([
      "a contradiction d",
    ])
  })

  it.each([
    [{ kind: "read" }, { kind: ["read", "edit"] }],
    [{ kind: "read", owner: "ada" }, { kind: "read" }],
    [{ kind: "read", path: `\${workDir}/src/**` }, { path: `\${workDir}/**` }],
    [{ kind: "read", path: "/a/**" }, { path: "/a/**" }],
    [{ kind: "read", path: "/a/*.ts" }, { path: "/a/*" }],
    [{ kind: "read", path: "~/.ssh/id_*" }, { path: "**/id_*" }],
    [{ command: "rm -rf *" }, { command: "rm *" }],
    [{ command: "pnpm test" }, { command: "pnpm *" }],
    [{ tool: "mcp__a__b*" }, { tool: "mcp__*" }],
    [{ kind: "fetch", host: "API.a.com" }, { host: "*.A.com" }],
    [{ kind: "read", labels: { env: "prod", team: "x" } }, { labels: { env: ["prod", "test"] } }],
    [{ kind: "read", time: { from: "09:00", to: "10:00" } }, { time: { from: "09:00", to: "10:00" } }],
  ])("finds that %o is never reached behind a denied %o", (narrow, wide) => {
    expect(check(rule("a", "allow", narrow), rule("d", "deny", wide))).toEqual(["a unreachable d"])
    expect(check(rule("a", "deny", narrow), rule("d", "ask", wide))).toEqual([])
  })

  it.each([
    [{ kind: "read" }, { kind: "read", owner: "ada" }],
    [{ kind: ["read", "edit"] }, { kind: "read" }],
    [{ kind: "read", path: "/a/**" }, { path: "/a/*" }],
    [{ kind: "read", path: "**/a" }, { path: "/**/b/a" }],
    [{ kind: "read", path: `\${workDir}/a` }, { path: "~/**" }],
    [{ kind: "read", path: `\${workDir}/a` }, { path: "/*/a" }],
    [{ kind: "read", path: `\${workDir}/C:/a` }, { path: "C:/a" }],
    [{ command: "rm *" }, { command: "rm -rf *" }],
    [{ command: "rm **" }, { command: "rm * x" }],
    [{ tool: "a*" }, { tool: "*a" }],
    [{ kind: "read", labels: { env: "prod" } }, { labels: { team: "*" } }],
    [{ kind: "read", time: { from: "09:00", to: "10:00" } }, { time: { from: "08:00", to: "11:00" } }],
  ])("does not claim that %o lies in %o", (narrow, wide) => {
    expect(check(rule("a", "allow", narrow), rule("d", "deny", wide))).toEqual([])
  })

  it("finds what changes nothing, and of two equal rules the one", () => {
    const inside = rule("inside", "allow", { kind: "read", path: "/a/b/*" })
    expect(check(inside, rule("all", "allow", { kind: "read", path: "/a/**" }))).toEqual(["inside redundant all"])
    expect(check(inside, rule("all", "allow", { kind: "read" }))).toEqual(["inside redundant all"])
    expect(check(rule("a", "deny", { kind: "read" }), rule("b", "deny", { kind: "read" }))).toEqual(["b redundant a"])
  })

  it("keeps rules that demand or allow something else", () => {
    const two = { approvers: { count: 2 } }
    expect(check(rule("a", "ask", { kind: "read" }, two), rule("b", "ask", { kind: "read" }))).toEqual([])
    expect(check(rule("a", "allow", { command: "ls", path: "/a" }), rule("b", "allow", { command: "ls" }))).toEqual([])
    expect(check(rule("a", "allow", { command: "sudo ls" }), rule("b", "allow", { command: "**" }))).toEqual([])
    expect(check(rule("a", "allow", { tool: "x", path: "/a" }), rule("b", "allow", { path: "/a" }))).toEqual([])
  })

  it("a rule that is found can go: no decision changes", () => {
    fc.assert(
      fc.property(ruleBodies, requests, (rules, request) => {
        const policy = policyOf(rules)
        const [found] = checkPolicy(policy)
        fc.pre(found !== undefined)
        const without = { ...policy, rules: policy.rules.filter(({ id }) => id !== found.rule) }
        const [before, after] = [policy, without].map((each) => evaluate(compilePolicy(each), request))
        expect(after?.decision).toBe(before?.decision)
      }),
      { numRuns: 1_000 },
    )
  })
})
