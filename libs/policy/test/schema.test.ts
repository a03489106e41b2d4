import { describe, expect, it } from "vitest"
import { PolicySchema } from "../src/schema.ts"
import { example } from "./fixtures/policies.ts"

const deny = { id: "a", decision: "deny", match: { kind: "read" } }
const matching = (match: object) => ({ version: 1, rules: [{ ...deny, match }] })
const isAccepted = (document: unknown) => PolicySchema.safeParse(document).success

describe("a policy document", () => {
  it("is the example of the specification", () => {
    expect(PolicySchema.parse(example).rules).toHaveLength(4)
    expect(PolicySchema.parse({ version: 1 })).toEqual({ version: 1, rules: [], budgets: [] })
  })

  it.each([
    ["another version", { version: 2 }],
    ["an unknown key", { version: 1, rule: [] }],
    ["an unknown key of a rule", { version: 1, rules: [{ ...deny, note: "x" }] }],
    ["an unknown field of a match", matching({ title: "*" })],
    ["a kind that is none", matching({ kind: "read_and_delete" })],
    ["an empty list", matching({ kind: [] })],
    ["an id twice", { version: 1, rules: [deny, deny] }],
    ["an id that looks like the default's", { version: 1, rules: [{ ...deny, id: "policy:default" }] }],
    ["a default that allows", { version: 1, defaults: { decision: "allow" } }],
    ["an allow of everything", { version: 1, rules: [{ ...deny, decision: "allow", match: {} }] }],
    [
      "an allow of everything of an owner",
      { version: 1, rules: [{ ...deny, decision: "allow", match: { owner: "a" } }] },
    ],
    ["approvers of a rule that denies", { version: 1, rules: [{ ...deny, approvers: { count: 2 } }] }],
    ["nobody as approver", { version: 1, rules: [{ ...deny, decision: "ask", approvers: { count: 0 } }] }],
    ["an agent as approver", { version: 1, rules: [{ ...deny, decision: "ask", approvers: { roles: ["agent"] } }] }],
    ["a duration without a unit", { version: 1, rules: [{ ...deny, decision: "ask", expiresAfter: "30" }] }],
    ["a duration of nothing", { version: 1, rules: [{ ...deny, decision: "ask", expiresAfter: "0m" }] }],
    ["a window of no length", matching({ time: { from: "09:00", to: "09:00" } })],
    ["a time that is none", matching({ time: { from: "9:00", to: "24:00" } })],
    ["a time zone that is none", matching({ time: { from: "09:00", to: "10:00", timeZone: "Europe/Nowhere" } })],
    ["a budget without a limit", { version: 1, budgets: [{ scope: "session" }] }],
    ["a budget of nothing", { version: 1, budgets: [{ scope: "session", usd: 0 }] }],
    ["a budget of nobody", { version: 1, budgets: [{ scope: "key:", usd: 1 }] }],
  ])("is refused with %s", (_what, document) => {
    expect(isAccepted(document)).toBe(false)
  })

  it.each([
    [
      "path",
      ["/a/*", "**/.env*", "**", "~", "~/a", `\${workDir}`, `\${workDir}/a`, "/", "C:/a", "/a/\\[id\\]/**", "/a/{}"],
    ],
    ["command", ["ls", "git * main", "find **", "a \\{b,c\\}", "find * {} +"]],
    ["tool", ["Bash", "mcp__*", "a\\?"]],
  ])("takes a %s pattern such as %j", (field, patterns) => {
    for (const pattern of patterns)
      expect([pattern, isAccepted(matching({ [field]: pattern }))]).toEqual([pattern, true])
  })

  it.each([
    [
      "path",
      [
        "",
        "a/*",
        "./a",
        "/a/../b",
        "/a//b",
        "/a/",
        "/a/**b",
        "/a/?",
        "/[ab]",
        "/{a,b}",
        "!/a",
        "/~\n",
        `/a/\${workDir}`,
      ],
    ],
    ["path", [`\${home}/a`, "~root/a", "/a\\b", "C:\\a", `/${"a/".repeat(40)}a`, `/${"a".repeat(600)}`, "/\uffff"]],
    [
      "command",
      ["", " ls", "ls ", "ls  -l", "ls '*'", "a ?", "a [b]", "a {b,c}", "a**", "a\tb", `a ${"b ".repeat(40)}c`],
    ],
    ["tool", ["", "a?", "[a]", "{a..b}", "!a", "\ud800"]],
  ])("refuses a %s pattern such as %j", (field, patterns) => {
    for (const pattern of patterns)
      expect([pattern, isAccepted(matching({ [field]: pattern }))]).toEqual([pattern, false])
  })
})
