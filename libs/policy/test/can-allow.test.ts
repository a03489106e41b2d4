import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canAllow, compilePolicy, evaluate } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"
import { policyOf, requests, ruleBodies } from "./fixtures/arbitraries.ts"
import { compile, example } from "./fixtures/policies.ts"

const policy = compilePolicy(PolicySchema.parse(example))
const place = { workDir: "/w", home: "/h" }

describe("canAllow", () => {
  it.each([
    ["a read", { kind: "read" }, true, ["read-anything-inside"], []],
    ["an edit", { kind: "edit" }, false, [], []],
    ["a test", { command: "pnpm test" }, true, ["tests-are-fine"], []],
    ["a test and more", { command: "pnpm test && ls" }, false, ["tests-are-fine"], []],
    ["a test in a substitution", { command: "$(pnpm test)" }, false, [], []],
    ["some command", { kind: "execute" }, true, ["tests-are-fine"], []],
    [
      "production",
      { kind: "execute", context: { labels: { env: "prod" } } },
      false,
      ["tests-are-fine"],
      ["prod-needs-two"],
    ],
    ["a secret", { kind: "read", paths: ["/w/.env"] }, true, ["read-anything-inside"], []],
    [
      "a secret in a known place",
      { kind: "read", paths: ["/w/.env"], context: place },
      false,
      ["read-anything-inside"],
      ["never-secrets"],
    ],
    ["a path outside", { paths: ["/x"], context: place }, false, ["tests-are-fine"], []],
    ["a tool", { tool: "anything" }, true, ["read-anything-inside", "tests-are-fine"], []],
  ] as const)("%s", (_what, partial, possible, by, against) => {
    expect(canAllow(policy, partial)).toEqual({ possible, by, against })
  })

  it("knows that everything is allowed of a kind", () => {
    const all = compile({ id: "all", decision: "allow", match: { kind: "execute" } })
    expect(canAllow(all, { command: "$X" })).toEqual({ possible: true, by: ["all"], against: [] })
  })

  it("knows that a command may name files where no path is known", () => {
    const written = compile({ id: "w", decision: "allow", match: { kind: "execute", path: "**", command: "**" } })
    expect(canAllow(written, { paths: [] }).possible).toBe(true)
    expect(canAllow(written, { paths: [], command: undefined }).possible).toBe(false)
  })

  it("never excludes what is allowed, however little of it is known", () => {
    const fields = fc.subarray(["tool", "kind", "paths", "command", "hosts", "context"])
    const places = fc.subarray(["mode", "agent", "labels", "owner", "workDir", "home", "at"])
    fc.assert(
      fc.property(ruleBodies, requests, fields, places, (rules, request, known, where) => {
        const compiled = compilePolicy(policyOf(rules))
        fc.pre(evaluate(compiled, request).decision === "allow")
        const pick = (object: object, keys: string[]) =>
          Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)))
        const partial = {
          ...pick(request, known),
          ...(known.includes("context") && { context: pick(request.context, where) }),
        }
        expect(canAllow(compiled, partial).possible).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
