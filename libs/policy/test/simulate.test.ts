import { expect, it } from "vitest"
import { compilePolicy, simulate } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"
import { ask, compile, example, run } from "./fixtures/policies.ts"

const current = compilePolicy(PolicySchema.parse(example))
const recorded = [
  run("pnpm test"),
  run("pnpm test --watch"),
  run("ls"),
  run("ls -l"),
  run("git push"),
  ask({ kind: "read", paths: ["/x/.env"] }),
].map((request, index) => ({ id: `request-${index}`, request }))

it("counts what a candidate decides otherwise, and shows it with the rules", () => {
  const candidate = compile(
    { id: "ls", decision: "allow", match: { kind: "execute", command: "ls *" } },
    { id: "no-watch", decision: "deny", match: { command: "pnpm test --watch" } },
    { id: "two", decision: "ask", match: { command: "git push *" }, approvers: { count: 2 } },
    { id: "no-env", decision: "deny", match: { path: "**/.env" } },
  )
  const outcomes = simulate(current, recorded, { candidate, examples: 1 })
  expect(outcomes.map(({ before, after, count, changed }) => [before, after, count, changed])).toEqual([
    ["ask", "allow", 2, 2],
    ["allow", "ask", 1, 1],
    ["allow", "deny", 1, 1],
    ["ask", "ask", 1, 1],
    ["deny", "deny", 1, 0],
  ])
  expect(outcomes[0]?.examples).toMatchObject([
    { id: "request-2", before: { rule: "policy:default" }, after: { rule: "ls" } },
  ])
  expect(outcomes.find(({ changed }) => changed === 0)?.examples).toEqual([])
})

it("sees no change between a policy and itself", () => {
  expect(simulate(current, recorded, { candidate: current }).every(({ changed }) => changed === 0)).toBe(true)
})
