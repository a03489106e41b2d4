import fc from "fast-check"
import { expect, it } from "vitest"
import { compilePolicy, evaluate, type PolicyRequest, suggestRules } from "../src/index.ts"
import { requests } from "./fixtures/arbitraries.ts"
import { ask, run } from "./fixtures/policies.ts"

const answered = (answer: "approved" | "rejected", ...requests: readonly PolicyRequest[]) =>
  requests.map((request, index) => ({ id: `${answer}-${index}`, request, answer }))
const commands = (...lines: readonly string[]) => lines.map((line) => run(line))
const read = (...paths: readonly string[]) => ask({ kind: "read", paths })
const matches = (...history: Parameters<typeof suggestRules>[0][]) =>
  suggestRules(history.flat()).map(({ rule }) => rule.match)

it("suggests a command as it was", () => {
  const [only, ...others] = suggestRules(
    answered("approved", ...commands("rm -rf dist", "rm -rf dist", "'rm' -rf dist")),
  )
  expect(others).toEqual([])
  expect(only).toEqual({
    rule: { id: "suggested-1", decision: "allow", match: { kind: "execute", command: "rm -rf dist" } },
    count: 3,
    examples: ["approved-0", "approved-1", "approved-2"],
  })
})

it("suggests what a command begins with where it went on in several ways", () => {
  expect(matches(answered("approved", ...commands("pnpm test", "pnpm test a", "pnpm test --b c")))).toEqual([
    { kind: "execute", command: "pnpm test **" },
  ])
  expect(matches(answered("approved", ...commands("pnpm test", "pnpm test", "pnpm test")))).toEqual([
    { kind: "execute", command: "pnpm test" },
  ])
})

it("does not generalise over what somebody rejected", () => {
  const pushes = commands("git push a", "git push b", "git push c", "git push c", "git push c")
  expect(matches(answered("approved", ...pushes), answered("rejected", run("git push --force")))).toEqual([
    { kind: "execute", command: "git push c" },
  ])
  const same = [...answered("approved", ...commands("ls -l", "ls -l", "ls -l")), ...answered("rejected", run("ls -l"))]
  expect(matches(same)).toEqual([])
  const hidden = [
    ...answered("approved", ...commands("ls -l", "ls -l", "ls -l")),
    ...answered("rejected", run("$(ls -l)")),
  ]
  expect(matches(hidden)).toEqual([])
})

it("suggests nothing from rejected requests alone, nor from a few", () => {
  expect(matches(answered("rejected", ...commands("ls", "ls", "ls")))).toEqual([])
  expect(matches(answered("approved", ...commands("ls", "ls")))).toEqual([])
})

it.each([
  ["runs others", "sudo ls"],
  ["is not literal", "ls $X"],
  ["is two", "ls && ls"],
  ["writes a file", "ls > out"],
  ["no pattern can say", "ls 'a b'"],
  ["goes on after an option", "node -e 1"],
])("does not generalise what %s", (_what, line) => {
  const more = line === "node -e 1" ? ["node -e 2", "node -e 3"] : [line, line]
  expect(matches(answered("approved", ...commands(line, ...more)))).toEqual([])
})

it("takes special characters as they are", () => {
  expect(matches(answered("approved", ...commands("ls '*'", "ls '*'", "ls \\*")))).toEqual([
    { kind: "execute", command: "ls \\*" },
  ])
})

it("suggests the files of a folder inside the session's own", () => {
  const inside = ["/projects/demo/src/[id]/a", "/projects/demo/src/[id]/b", "/projects/demo/src/[id]/c"]
  expect(matches(answered("approved", ...inside.map((path) => read(path))))).toEqual([
    { kind: "read", path: `\${workDir}/src/\\[id\\]/*` },
  ])
  expect(matches(answered("approved", read("/etc/a"), read("/etc/b"), read("/etc/c")))).toEqual([])
  expect(matches(answered("approved", read(), read(), read()))).toEqual([])
  expect(matches(answered("approved", ...inside.map((path) => read(path, "/projects/demo/x"))))).toEqual([])
  const deletes = inside.map((path) => ask({ kind: "delete", paths: [path] }))
  expect(matches(answered("approved", ...deletes))).toEqual([])
})

it("no suggestion allows what was rejected", () => {
  const answers = fc.constantFrom("approved" as const, "rejected" as const)
  const histories = fc.array(fc.record({ id: fc.string(), request: requests, answer: answers }), { maxLength: 12 })
  fc.assert(
    fc.property(histories, (history) => {
      for (const { rule } of suggestRules(history, { least: 1 })) {
        const policy = compilePolicy({ version: 1, rules: [rule], budgets: [] })
        for (const { request, answer } of history)
          if (answer === "rejected") expect(evaluate(policy, request).decision).toBe("ask")
      }
    }),
    { numRuns: 200 },
  )
})
