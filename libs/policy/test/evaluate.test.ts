import { describe, expect, it } from "vitest"
import { compilePolicy, evaluate } from "../src/index.ts"
import { PolicySchema } from "../src/schema.ts"
import { ask, compile, example, run } from "./fixtures/policies.ts"

const policy = compilePolicy(PolicySchema.parse(example))
const prod = { labels: { env: "prod" } }
const hostile = { workDir: "/projects/*", home: "/home/**" }

describe("the example of the specification", () => {
  it.each([
    ["reads inside", ask({ kind: "read", paths: ["/projects/demo/src/a.ts"] }), "allow", "read-anything-inside"],
    ["searches inside", ask({ kind: "search", paths: ["/projects/demo/src"] }), "allow", "read-anything-inside"],
    ["does not read the sibling", ask({ kind: "read", paths: ["/projects/demo-2/a"] }), "ask", "policy:default"],
    ["does not read the folder itself", ask({ kind: "read", paths: ["/projects/demo"] }), "ask", "policy:default"],
    ["does not climb out", ask({ kind: "read", paths: ["/projects/demo/../x"] }), "ask", "policy:default"],
    ["wants every path", ask({ kind: "read", paths: ["/projects/demo/a", "/etc/b"] }), "ask", "policy:default"],
    ["wants a path at all", ask({ kind: "read" }), "ask", "policy:default"],
    ["does not edit", ask({ kind: "edit", paths: ["/projects/demo/a"] }), "ask", "policy:default"],
    ["does not know the kind", ask({ kind: "read_and_delete", paths: ["/projects/demo/a"] }), "ask", "policy:default"],
    ["is told no kind", ask({ paths: ["/projects/demo/a"] }), "ask", "policy:default"],
    ["keeps secrets", ask({ kind: "read", paths: ["/projects/demo/.env.local"] }), "deny", "never-secrets"],
    ["in any place", ask({ kind: "read", paths: ["/projects/demo/a", "/x/id_rsa"] }), "deny", "never-secrets"],
    ["in any case", ask({ kind: "read", paths: ["/projects/demo/.ENV"] }), "deny", "never-secrets"],
    ["of no kind", ask({ paths: ["/projects/demo/.env"] }), "deny", "never-secrets"],
    ["at home", ask({ kind: "read", paths: ["/home/ada/.ssh/config"] }), "deny", "never-secrets"],
    ["the folder itself", ask({ kind: "move", paths: ["/home/ada/.ssh"] }), "deny", "never-secrets"],
    ["written by a shell", run("pnpm test > .env"), "deny", "never-secrets"],
    ["written in a way round", run("pnpm test > src/../.env"), "deny", "never-secrets"],
    ["written at home", run("pnpm test >> ~/.ssh/authorized_keys"), "deny", "never-secrets"],
    ["read by a shell", run("pnpm test < .env"), "deny", "never-secrets"],
    ["runs tests", run("pnpm test --watch"), "allow", "tests-are-fine"],
    ["runs both", run("npm test && pnpm test:unit"), "allow", "tests-are-fine"],
    ["and nothing else", run("npm test && ls"), "ask", "policy:default"],
    ["of the right kind", ask({ kind: "read", command: "pnpm test" }), "ask", "policy:default"],
    ["that says what it runs", ask({ kind: "execute" }), "ask", "policy:default"],
    ["asks two in production", run("pnpm test", prod), "ask", "prod-needs-two"],
    ["for edits too", ask({ kind: "edit", paths: ["/projects/demo/a"], context: prod }), "ask", "prod-needs-two"],
    ["for an unknown kind too", ask({ kind: "edit_all", context: prod }), "ask", "prod-needs-two"],
    ["reads there", ask({ kind: "read", paths: ["/projects/demo/a"], context: prod }), "allow", "read-anything-inside"],
    ["secrets before asking", run("pnpm test < .env", prod), "deny", "never-secrets"],
  ] as const)("%s", (_what, request, decision, rule) => {
    expect(evaluate(policy, request)).toMatchObject({ decision, rule })
  })

  it("says who has to approve, and until when", () => {
    expect(evaluate(policy, run("pnpm test", prod))).toEqual({
      decision: "ask",
      rule: "prod-needs-two",
      reason: "The rule prod-needs-two asks.",
      approvers: { count: 2, roles: ["operator", "admin"], notRequester: true },
      expiresAfterMs: 1_800_000,
    })
  })
})

describe("what is allowed", () => {
  const inside = { id: "inside", decision: "allow", match: { kind: "edit", path: `\${workDir}/**` } }
  const tests = { id: "tests", decision: "allow", match: { kind: "execute", command: "pnpm test*" } }
  const output = { id: "output", decision: "allow", match: { kind: "execute", path: `\${workDir}/out/*` } }
  const cd = { id: "cd", decision: "allow", match: { kind: "execute", command: "cd *" } }
  const github = { id: "github", decision: "allow", match: { kind: "fetch", host: "*.github.com" } }

  it.each([
    ["the command alone", [tests], run("pnpm test > out/log"), "ask"],
    ["the file that a shell writes alone", [output], run("pnpm test > out/log"), "ask"],
    ["a file that nothing but the shell writes", [output], run("> out/log"), "ask"],
    [
      "a file of a command that is not said",
      [output],
      ask({ kind: "execute", paths: ["/projects/demo/out/log"] }),
      "ask",
    ],
    ["both", [output, tests], run("pnpm test > out/log"), "allow"],
    ["a file outside", [output, tests], run("pnpm test > out/../log"), "ask"],
    ["a change of folder", [output, tests, cd], run("cd / && pnpm test"), "allow"],
    ["a file after it", [output, tests, cd], run("cd / && pnpm test > out/log"), "ask"],
    [
      "a file that is said in full after it",
      [output, tests, cd],
      run("cd / && pnpm test > /projects/demo/out/log"),
      "allow",
    ],
    ["an edit's file that a command writes", [inside, tests], run("pnpm test > out/log"), "ask"],
    ["a host", [github], ask({ kind: "fetch", hosts: ["api.GitHub.com."] }), "allow"],
    ["one host of two", [github], ask({ kind: "fetch", hosts: ["api.github.com", "evil.com"] }), "ask"],
    ["a host with the same end", [github], ask({ kind: "fetch", hosts: ["evilgithub.com"] }), "ask"],
    ["a host and a path", [github], ask({ kind: "fetch", hosts: ["a.github.com"], paths: ["/a"] }), "ask"],
    ["all of a kind", [{ id: "all", decision: "allow", match: { kind: "execute" } }], run("$X > /y"), "allow"],
    [
      "a command of another kind",
      [{ id: "r", decision: "allow", match: { kind: "read" } }],
      ask({ kind: "read", command: "x" }),
      "ask",
    ],
    [
      "a named tool of no kind",
      [{ id: "t", decision: "allow", match: { tool: "mcp__docs__*" } }],
      ask({ tool: "mcp__docs__find" }),
      "allow",
    ],
    ["a tool without a name", [{ id: "t", decision: "allow", match: { tool: "*" } }], ask({ kind: "other" }), "ask"],
  ] as const)("%s", (_what, rules, request, decision) => {
    expect(evaluate(compile(...rules), request).decision).toBe(decision)
  })

  it("names every rule that was needed", () => {
    expect(evaluate(compile(output, tests), run("pnpm test > out/log"))).toMatchObject({
      rule: "tests",
      reason: "Allowed by tests, output.",
    })
  })

  it("takes the values of variables as they are", () => {
    const rules = [inside, { id: "home", decision: "deny", match: { path: "~/.ssh/**" } }]
    const edit = (path: string) => evaluate(compile(...rules), ask({ kind: "edit", paths: [path], context: hostile }))
    expect(edit("/projects/demo/a").decision).toBe("ask")
    expect(edit("/projects/*/a").decision).toBe("allow")
    expect(edit("/home/ada/.ssh/id").decision).toBe("ask")
    expect(edit("/home/**/.ssh/id").decision).toBe("deny")
  })

  it("does not take a relative or too long path for a real one", () => {
    const [anything, secrets] = [{ kind: "edit", path: "**" }, { path: "**/.env" }]
    const rules = [
      { id: "a", decision: "allow", match: anything },
      { id: "d", decision: "deny", match: secrets },
    ]
    const edit = (path: string) => evaluate(compile(...rules), ask({ kind: "edit", paths: [path] })).decision
    expect(["/a", "a", "/a/./b", "/a//b", "/a/", "/a\0b", ""].map(edit)).toEqual(["allow", ...Array(6).fill("ask")])
    expect([".env", "x/../.env", "//.env", "C:\\x\\.env", `/${"a".repeat(40_000)}`].map(edit)).toEqual(
      Array(5).fill("deny"),
    )
  })
})

describe("what is restrained", () => {
  const asks = (id: string, approvers?: object, more?: object) => ({
    id,
    decision: "ask",
    match: {},
    approvers,
    ...more,
  })

  it("a deny wins over an ask, an ask over an allow", () => {
    const rules = ["allow", "ask", "deny"].map((decision) => ({ id: decision, decision, match: { kind: "read" } }))
    const read = ask({ kind: "read" })
    expect(evaluate(compile(...rules), read).rule).toBe("deny")
    expect(evaluate(compile(...rules.slice(0, 2)), read).rule).toBe("ask")
  })

  it("several rules that ask are all satisfied by the one answer", () => {
    const policy = compile(
      asks("one", { notRequester: true, roles: ["operator", "admin"] }, { expiresAfter: "1h" }),
      asks("three", { count: 3, roles: ["admin", "custom"] }, { expiresAfter: "2h" }),
    )
    expect(evaluate(policy, ask({}))).toMatchObject({
      decision: "ask",
      rule: "three",
      approvers: { count: 3, roles: ["admin"], notRequester: true },
      expiresAfterMs: 3_600_000,
    })
  })

  it("is denied where nobody could be asked", () => {
    const policy = compile(asks("one", { roles: ["operator"] }), asks("two", { roles: ["admin"] }), asks("three"))
    expect(evaluate(policy, ask({})).decision).toBe("deny")
  })

  it("asks somebody where a rule does not say whom", () => {
    expect(evaluate(compile(asks("one")), ask({})).approvers).toEqual({
      count: 1,
      roles: undefined,
      notRequester: false,
    })
  })

  it("a document's default holds where no rule does", () => {
    const policy = compilePolicy(PolicySchema.parse({ version: 1, defaults: { decision: "deny" } }))
    expect(evaluate(policy, ask({ kind: "read" }))).toMatchObject({ decision: "deny", rule: "policy:default" })
  })

  it("a file that a shell writes is edited", () => {
    const policy = compile({ id: "etc", decision: "deny", match: { kind: "edit", path: "/etc/**" } })
    expect(evaluate(policy, run("echo x > /etc/passwd")).decision).toBe("deny")
    expect(evaluate(policy, run("cat < /etc/passwd")).decision).toBe("ask")
  })
})

describe("where and when", () => {
  const allow = (match: object) => compile({ id: "a", decision: "allow", match: { kind: "read", ...match } })
  const read = (context: object) => ask({ kind: "read", context })

  it.each([
    ["mode", { mode: ["plan", "auto"] }, { mode: "plan" }, { mode: "default" }],
    ["agent", { agent: "cla*" }, { agent: "claude" }, { agent: "codex" }],
    ["owner", { owner: "ada" }, { owner: "ada" }, { owner: "adam" }],
    ["label", { labels: { env: ["dev", "test"] } }, { labels: { env: "test" } }, { labels: {} }],
    ["label that every object has", { labels: { toString: "*" } }, { labels: { toString: "x" } }, { labels: {} }],
  ])("a rule of a %s holds there only", (_field, match, there, elsewhere) => {
    expect(evaluate(allow(match), read(there)).decision).toBe("allow")
    expect(evaluate(allow(match), read(elsewhere)).decision).toBe("ask")
  })

  it.each([
    ["2026-01-05T08:59Z", { from: "09:00", to: "18:00" }, "ask"],
    ["2026-01-05T09:00Z", { from: "09:00", to: "18:00" }, "allow"],
    ["2026-01-05T18:00Z", { from: "09:00", to: "18:00" }, "ask"],
    ["2026-01-05T08:00Z", { from: "09:00", to: "18:00", timeZone: "Europe/Vienna" }, "allow"],
    ["2026-07-05T07:00Z", { from: "09:00", to: "18:00", timeZone: "Europe/Vienna" }, "allow"],
    ["2026-01-04T12:00Z", { from: "09:00", to: "18:00", days: ["mon"] }, "ask"],
    ["2026-01-05T12:00Z", { from: "09:00", to: "18:00", days: ["mon"] }, "allow"],
    ["2026-01-05T23:00Z", { from: "22:00", to: "06:00", days: ["mon"] }, "allow"],
    ["2026-01-06T05:00Z", { from: "22:00", to: "06:00", days: ["mon"] }, "allow"],
    ["2026-01-05T05:00Z", { from: "22:00", to: "06:00", days: ["mon"] }, "ask"],
    ["2026-01-05T05:00Z", { from: "22:00", to: "06:00", days: ["sun"] }, "allow"],
    ["no time", { from: "09:00", to: "18:00" }, "ask"],
  ])("at %s in %o: %s", (at, time, decision) => {
    expect(evaluate(allow({ time }), read({ at: Date.parse(at) })).decision).toBe(decision)
  })

  it("a rule that denies holds also where nobody knows the time", () => {
    const policy = compile({ id: "night", decision: "deny", match: { time: { from: "22:00", to: "06:00" } } })
    expect(evaluate(policy, read({ at: Number.NaN })).decision).toBe("deny")
    expect(evaluate(policy, read({})).decision).toBe("ask")
  })
})
