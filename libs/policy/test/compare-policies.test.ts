import { describe, expect, it } from "vitest"
import { comparePolicies } from "../src/index.ts"
import { type Policy, PolicySchema } from "../src/schema.ts"

const policy = (given: object): Policy => PolicySchema.parse({ version: 1, ...given })
const allow = (id: string, command: string) => ({ id, decision: "allow", match: { command } })

describe("two versions of a policy", () => {
  it("differ in what was added, taken out, or says something else; the order of rules says nothing", () => {
    const before = policy({
      rules: [allow("a", "ls"), allow("b", "pwd"), allow("c", "id")],
      budgets: [
        { scope: "session", usd: 1 },
        { scope: "session", usd: 5, per: "day" },
      ],
    })
    const after = policy({
      defaults: { decision: "deny" },
      rules: [allow("d", "w"), allow("c", "id"), allow("b", "pwd -P")],
      budgets: [
        { scope: "session", usd: 2, per: "day" },
        { scope: "session", usd: 1 },
      ],
    })
    const told = ({ what, name, change }: ReturnType<typeof comparePolicies>[number]) => `${change} ${what} ${name}`
    expect(comparePolicies(before, after).map(told)).toEqual([
      "added default decision",
      "added rule d",
      "changed rule b",
      "changed budget session per day",
      "removed rule a",
    ])
    expect(comparePolicies(undefined, before)).toHaveLength(5)
    expect(comparePolicies(before, undefined).every(({ change }) => change === "removed")).toBe(true)
    expect(comparePolicies(before, before)).toEqual([])
  })

  it("are the same, however their fields are ordered", () => {
    const [one, other] = [
      { a: "1", b: "2" },
      { b: "2", a: "1" },
    ].map((labels) => policy({ rules: [{ id: "x", decision: "deny", match: { labels } }] }))
    expect(comparePolicies(one, other)).toEqual([])
  })
})
