import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compilePolicy, evaluate, evaluateScopes, type PolicyJudgement } from "../src/index.ts"
import { type LooseRule, policyOf, requests, ruleBodies } from "./fixtures/arbitraries.ts"

const strictness = { allow: 0, ask: 1, deny: 2 }
const judge = (rules: readonly LooseRule[], request: Parameters<typeof evaluate>[1]) =>
  evaluate(compilePolicy(policyOf(rules)), request)
const level = ({ decision }: PolicyJudgement) => strictness[decision]
const withDecision = (rules: readonly LooseRule[], decision: string) =>
  rules.filter((rule) => rule.decision === decision)
const runs = { numRuns: 500 }

describe("for any policy and any request", () => {
  it("there is an answer", () => {
    fc.assert(
      fc.property(ruleBodies, requests, (rules, request) => {
        expect(["allow", "ask", "deny"]).toContain(judge(rules, request).decision)
      }),
      runs,
    )
  })

  it("another rule that denies or asks never makes the answer milder", () => {
    fc.assert(
      fc.property(ruleBodies, ruleBodies, requests, (rules, more, request) => {
        const restraining = more.filter(({ decision }) => decision !== "allow")
        expect(level(judge([...restraining, ...rules], request))).toBeGreaterThanOrEqual(level(judge(rules, request)))
      }),
      runs,
    )
  })

  it("another rule that allows never overrides a rule that denies or asks", () => {
    fc.assert(
      fc.property(ruleBodies, ruleBodies, requests, (rules, more, request) => {
        const before = judge(rules, request)
        fc.pre(before.rule !== "policy:default" && before.decision !== "allow")
        expect(judge([...withDecision(more, "allow"), ...rules], request).decision).toBe(before.decision)
      }),
      runs,
    )
  })

  it("without a rule that allows nothing is allowed", () => {
    fc.assert(
      fc.property(ruleBodies, requests, (rules, request) => {
        expect(judge([...withDecision(rules, "ask"), ...withDecision(rules, "deny")], request).decision).not.toBe(
          "allow",
        )
      }),
      runs,
    )
  })

  it("the order of the rules is not heard", () => {
    const shuffled = ruleBodies.chain((rules) =>
      fc.tuple(
        fc.constant(rules),
        fc.shuffledSubarray([...rules], { minLength: rules.length, maxLength: rules.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, requests, ([rules, others], request) => {
        const [first, second] = [judge(rules, request), judge(others, request)]
        expect(second.decision).toBe(first.decision)
        expect({ ...second.approvers, roles: second.approvers?.roles?.toSorted() }).toEqual({
          ...first.approvers,
          roles: first.approvers?.roles?.toSorted(),
        })
      }),
      runs,
    )
  })

  it("a narrower scope only tightens, and nothing loosens what a rule denies", () => {
    const scope = (rules: readonly LooseRule[], mayLoosen: boolean) =>
      ({ scope: "session", policy: compilePolicy(policyOf(rules)), mayLoosen }) as const
    fc.assert(
      fc.property(ruleBodies, ruleBodies, fc.boolean(), requests, (wide, narrow, mayLoosen, request) => {
        const server = scope(wide, true)
        const alone = evaluateScopes([server], request)
        const both = evaluateScopes([server, scope(narrow, mayLoosen)], request)
        if (!mayLoosen || alone.decision === "deny") expect(level(both)).toBeGreaterThanOrEqual(level(alone))
      }),
      runs,
    )
  })
})
