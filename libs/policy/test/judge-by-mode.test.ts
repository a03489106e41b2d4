import { expect, it } from "vitest"
import { judgeByMode, type PermissionMode } from "../src/index.ts"
import { PermissionModeSchema } from "../src/schema.ts"

const edit = { kind: "edit", paths: ["/projects/a.ts"] }
const run = { kind: "execute", paths: [] }

it.each([
  ["default", "ask", "ask"],
  ["plan", "ask", "ask"],
  ["auto", "ask", "ask"],
  ["acceptEdits", "allow", "ask"],
  ["bypassPermissions", "allow", "allow"],
  ["dontAsk", "deny", "deny"],
] as const)("%s says %s to an edit and %s to a command, and names itself as the rule", (mode, ofEdit, ofRun) => {
  expect(judgeByMode(edit, { mode, workDir: "/projects" })).toMatchObject({ decision: ofEdit, rule: `mode:${mode}` })
  expect(judgeByMode(run, { mode, workDir: "/projects" }).decision).toBe(ofRun)
})

it("knows every public mode", () => {
  const modes: readonly PermissionMode[] = PermissionModeSchema.options
  expect(modes.map((mode) => judgeByMode(run, { mode, workDir: "/" }).decision)).not.toContain(undefined)
})

it.each([
  ["a sibling with the same beginning", { kind: "edit", paths: ["/projects-2/a"] }],
  ["a way out", { kind: "edit", paths: ["/projects/../etc/passwd"] }],
  ["one path of several", { kind: "edit", paths: ["/projects/a", "/etc/b"] }],
  ["no path at all", { kind: "edit", paths: [] }],
  ["a kind that only sounds like an edit", { kind: "edit_and_run", paths: ["/projects/a"] }],
  ["no kind", { kind: undefined, paths: ["/projects/a"] }],
  ["a file that has other names", { kind: "edit", paths: ["/projects/a"], hasOtherNames: true }],
  ["the folder itself", { kind: "delete", paths: ["/projects"] }],
])("acceptEdits still asks about %s", (_what, request) => {
  expect(judgeByMode(request, { mode: "acceptEdits", workDir: "/projects" }).decision).toBe("ask")
})
