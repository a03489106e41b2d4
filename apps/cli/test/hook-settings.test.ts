import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type ClaudeSettings, withHooks, withoutHooks } from "../src/hook-settings.ts"

const commandOf = (event: string) => `'/usr/bin/node' '/opt/ag.js' hooks send ${event} --state '/home/ada/.aegis'`
const earlier = (event: string) => `'/old/node' '/old/bin/ag' hooks send ${event} --state '/elsewhere'`

const hook = fc.record(
  { type: fc.constant("command"), command: fc.oneof(fc.string(), fc.constant("ag hooks"), fc.constant("hooks send")) },
  { requiredKeys: ["type"] },
)
const group = fc.record({ matcher: fc.string(), hooks: fc.array(hook, { minLength: 1 }) }, { requiredKeys: [] })
const hooks = fc.dictionary(
  fc.oneof(fc.constantFrom("PreToolUse", "Stop", "PermissionRequest"), fc.string()),
  fc.array(group, { minLength: 1, maxLength: 3 }),
  { minKeys: 1 },
)
const settings = fc
  .record({ hooks, model: fc.string(), permissions: fc.object() }, { requiredKeys: [] })
  .map((value) => JSON.parse(JSON.stringify(value)) as ClaudeSettings)

describe("Claude Code's settings", () => {
  it("are what they were when the hooks are taken out again, whatever is there", () => {
    fc.assert(
      fc.property(settings, (before) => {
        expect(withoutHooks(withHooks(before, commandOf))).toEqual(before)
      }),
    )
  })

  it("have the hooks once, however often and from wherever they are put there", () => {
    fc.assert(
      fc.property(settings, (before) => {
        const once = withHooks(before, commandOf)
        expect(withHooks(once, commandOf)).toEqual(once)
        expect(withHooks(withHooks(before, earlier), commandOf)).toEqual(once)
      }),
    )
  })

  it("keep what others have put beside a hook of ours", () => {
    const theirs = { type: "command", command: "say done" }
    const mixed = {
      hooks: { Stop: [{ matcher: "x", hooks: [theirs, { type: "command", command: earlier("Stop") }] }] },
    }
    expect(withoutHooks(mixed)).toEqual({ hooks: { Stop: [{ matcher: "x", hooks: [theirs] }] } })
  })
})
