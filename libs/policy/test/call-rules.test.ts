import { describe, expect, it } from "vitest"
import { type CallRulesContext, callRules } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"

const rule = (id: string, match: object, decision = "deny") => ({ id, decision, match })
const rulesOf = (rules: readonly object[], context?: CallRulesContext, more: object = {}) =>
  callRules(PolicySchema.parse({ version: 1, rules, ...more }), context)

describe("callRules", () => {
  it("are the rules that deny or ask, each field as a list", () => {
    const rules = [
      rule("a", { kind: "read", path: "/a" }),
      rule("b", { command: ["ls", "cat *"] }, "ask"),
      rule("c", { kind: "read" }, "allow"),
    ]
    expect(rulesOf(rules)).toMatchObject([
      { id: "a", decision: "deny", isStanding: true, kinds: ["read"], paths: ["/a"] },
      { id: "b", decision: "ask", isStanding: true, commands: ["ls", "cat *"] },
    ])
  })

  it.each([
    ["mode", { mode: "plan" }, false],
    ["owner", { owner: "ada" }, false],
    ["labels", { labels: { env: "prod" } }, false],
    ["time", { time: { from: "09:00", to: "10:00" } }, false],
    ["agent, which is the same for the whole session", { agent: "claude" }, true],
    ["no label", { labels: {} }, true],
  ])("with %s, stand always: %o", (_, match, isStanding) => {
    expect(rulesOf([rule("a", { kind: "read", ...match })])).toMatchObject([{ isStanding }])
  })

  it("leave out what cannot hold in this session", () => {
    const rules = [
      rule("mine", { agent: "clau*", owner: ["bob", "ada"], labels: { env: ["test", "prod"] } }),
      rule("agent", { agent: "demo" }),
      rule("owner", { owner: "bob" }),
      rule("label", { labels: { env: "dev" } }),
      rule("none", { labels: { team: "*" } }),
      rule("mode", { mode: "plan" }),
    ]
    const context = { agent: "claude", owner: "ada", labels: { env: "prod" } }
    expect(rulesOf(rules, context).map(({ id }) => id)).toEqual(["mine", "mode"])
    expect(rulesOf(rules)).toHaveLength(6)
  })

  it("ask about every call where everything is denied that no rule knows", () => {
    const last = { id: "default", decision: "ask", isStanding: true }
    expect(rulesOf([], {}, { defaults: { decision: "deny" } })).toEqual([last])
    expect(rulesOf([], {}, { defaults: { decision: "ask" } })).toEqual([])
  })
})
