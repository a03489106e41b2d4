import { PolicySchema } from "@aegis/policy/schema"
import { expect, it } from "vitest"
import type { HookInput } from "../src/index.ts"
import { useAegis } from "./aegis-harness.ts"
import { fill } from "./full-disk.ts"

const { open, temporary } = useAegis()
const owner = { userId: "local", tenantId: "local" }
const policy = PolicySchema.parse({
  version: 1,
  rules: [
    { id: "no-rm", decision: "deny", match: { command: "rm *" } },
    { id: "looks", decision: "allow", match: { command: "ls" } },
  ],
})

function wants(cwd: string, command: string, toolCallId?: string): HookInput {
  const tool = { name: "Bash", input: { command }, toolCallId }
  return { event: "PreToolUse", agentSessionId: "c", digest: "d", bytes: 1, cwd, tool }
}

it("a no is given even where it cannot be written down; everything else is refused", async () => {
  const aegis = await open({ policy, settings: { fullDiskRetryMs: 5 } })
  const cwd = temporary("work")
  const disk = fill(aegis, (type) => type === "hook.received")
  expect(await aegis.receiveHook(owner, wants(cwd, "rm a.txt"))).toMatchObject({ decision: "deny", rule: "no-rm" })
  await expect(aegis.receiveHook(owner, wants(cwd, "ls"))).rejects.toMatchObject({ code: "storage-full" })
  await expect(aegis.receiveHook(owner, wants(cwd, "make"))).rejects.toMatchObject({ code: "storage-full" })
  disk.free()
  expect(await aegis.receiveHook(owner, wants(cwd, "ls"))).toMatchObject({ decision: "allow", rule: "looks" })
})

it("a yes is not given while something says that it may not be: then the agent asks its own person", async () => {
  const aegis = await open({ policy, mayAllow: () => Promise.resolve(false) })
  expect(await aegis.receiveHook(owner, wants(temporary("work"), "ls"))).toMatchObject({ decision: "ask" })
})

it("a call without an id of its own is the same call before and after it is done", async () => {
  const aegis = await open()
  const before = wants(temporary("work"), "make")
  await aegis.receiveHook(owner, before)
  await aegis.receiveHook(owner, { ...before, event: "PostToolUse" })
  const events = await aegis.readEvents({ after: 0, limit: 100 })
  const ids = events.flatMap(({ event }) =>
    event.type === "tool.started" || event.type === "tool.ended" ? [[event.type, event.data.toolCallId]] : [],
  )
  expect(ids).toEqual([
    ["tool.started", expect.stringMatching(/^[0-9a-f]{64}$/)],
    ["tool.ended", ids[0]?.[1]],
  ])
})
