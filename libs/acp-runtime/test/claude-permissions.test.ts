import { describe, expect, it } from "vitest"
import { type CallRule, claudePermissions } from "../src/agent.ts"
import { claudeToolKind, resolveAgent } from "../src/node.ts"

const place = { workDir: "/work/a [b] *c", home: "/home/ada" }
const permissions = (...rules: readonly Partial<CallRule>[]) =>
  claudePermissions({ ...place, rules: rules.map((rule) => ({ decision: "deny", isStanding: true, ...rule })) })

describe("claudePermissions", () => {
  it.each([
    ["~/.ssh/**", "//home/ada/.ssh"],
    ["~/**", "//home/ada/**"],
    ["**/.env*", "//**/.env*"],
    ["**", "//**"],
    ["/etc/shadow", "//etc/shadow"],
    ["/", "//"],
    [`\${workDir}/keys/*.pem`, String.raw`//work/a \[b\] \*c/keys/*.pem`],
    [`\${workDir}`, String.raw`//work/a \[b\] \*c`],
  ])("%s is %s in Claude's words", (pattern, file) => {
    expect(permissions({ paths: [pattern] })).toEqual({ deny: [`Read(${file})`, `Edit(${file})`], ask: [] })
  })

  it("what is denied always and exactly is refused by the agent itself", () => {
    expect(permissions({ paths: ["/a"], kinds: ["read"] }).deny).toEqual(["Read(//a)"])
    expect(permissions({ commands: ["cat *", "rm -rf **", "ls"] }).deny).toEqual([
      "Bash(cat *)",
      "Bash(rm -rf *)",
      "Bash(ls)",
    ])
    expect(permissions({ hosts: ["a.com"] }).deny).toEqual(["WebFetch(domain:a.com)"])
    expect(permissions({ tools: ["Read", "mcp__a__b"] }).deny).toEqual(["Read", "mcp__a__b"])
    expect(permissions({ kinds: ["execute", "search"] }).deny).toEqual(["Grep", "Glob", "Bash"])
  })

  it.each<[string, Partial<CallRule>, readonly string[]]>([
    ["a rule that asks", { decision: "ask", kinds: ["edit"] }, ["Edit", "Write", "NotebookEdit"]],
    ["a rule with a condition", { isStanding: false, commands: ["cat *"] }, ["Bash(cat *)"]],
    [
      "a star in the middle, which is one word in a rule and any number for Claude",
      { commands: ["git * -f"] },
      ["Bash(git * -f)"],
    ],
    ["a command and something else", { commands: ["curl *"], hosts: ["a.com"] }, ["Bash(curl *)"]],
    ["a command of a tool", { commands: ["cat *"], tools: ["Sh"] }, ["Bash(cat *)"]],
    ["a path of a tool", { paths: ["/a"], tools: ["Read"] }, ["Read(//a)", "Edit(//a)"]],
    ["hosts with a star", { hosts: ["*.a.com"] }, ["WebFetch"]],
    ["a tool of some kinds", { tools: ["Bash"], kinds: ["execute"] }, ["Bash"]],
  ])("%s is asked about", (_, rule, ask) => {
    expect(permissions(rule)).toEqual({ deny: [], ask })
  })

  it("asks about everything where a rule says nothing more", () => {
    const { ask } = permissions({ decision: "ask" })
    expect(ask).toEqual(["Read", "Grep", "Glob", "Edit", "Write", "NotebookEdit", "Bash", "WebFetch", "WebSearch"])
  })

  it("has no words for what Claude asks about anyway, and says nothing twice", () => {
    expect(permissions({ kinds: ["delete"], paths: ["/a"] }, { tools: ["mcp__*"] })).toEqual({ deny: [], ask: [] })
    expect(permissions({ tools: ["Read"] }, { tools: ["Read"] }).deny).toEqual(["Read"])
  })
})

it("Claude is told at its session's start: rules, and not to take settings of a folder that nobody trusts", () => {
  const { sessionMeta } = resolveAgent("claude", { acpBin: process.execPath, searchPath: "" })
  expect(sessionMeta?.({ ...place, rules: [], isTrusted: true })).toHaveProperty("claudeCode.options", {})
  const rules = [{ decision: "deny", isStanding: true, tools: ["Read"] }] as const
  const meta = sessionMeta?.({ ...place, rules, isTrusted: false })
  expect(meta).toHaveProperty("claudeCode.options.settings.permissions", { deny: ["Read"], ask: ["Bash(git *)"] })
  expect(meta).toHaveProperty("claudeCode.options.settingSources", ["user"])
})

it("a tool's kind is known where it is one of Claude's own", () => {
  const kinds = ["Read", "Grep", "Write", "NotebookEdit", "Bash", "WebFetch"].map(claudeToolKind)
  expect(kinds).toEqual(["read", "search", "edit", "edit", "execute", "fetch"])
  for (const other of ["mcp__a__read", "read", "", "constructor"]) expect(claudeToolKind(other)).toBe("other")
})
