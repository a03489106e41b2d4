import { createHash } from "node:crypto"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { expect, it } from "vitest"
import { canonical } from "../src/canonical.ts"
import { ada, demo } from "./aegis-callers.ts"
import { isType, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

// An agent that asks for what its prompt says, word for word, and says what it was answered.
const trickster = `
  const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n")
  let prompt
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params, result, error } = JSON.parse(line)
    if (method === "initialize") say({ id, result: { protocolVersion: 1, agentCapabilities: {} } })
    if (method === "session/new") say({ id, result: { sessionId: "s" } })
    if (method === "session/prompt") {
      prompt = id
      const asked = JSON.parse(params.prompt[0].text)
      if (asked.size) asked.toolCall.title = "x".repeat(asked.size)
      say({ id: "ask", method: "session/request_permission", params: { sessionId: "s", ...asked } })
    }
    if (id === "ask") {
      const text = JSON.stringify(error ?? result.outcome)
      const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text } }
      say({ method: "session/update", params: { sessionId: "s", update } })
      say({ id: prompt, result: { stopReason: "end_turn" } })
    }
  })`

const [yes, no] = [
  { optionId: "yes", name: "Yes", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
]

interface Asked {
  readonly toolCall: Readonly<Record<string, unknown>>
  readonly options?: readonly unknown[]
  readonly size?: number
}

const policy = PolicySchema.parse({
  version: 1,
  rules: [
    { id: "reading", match: { kind: ["read", "search"] }, decision: "allow" },
    { id: "no-rm", match: { command: "rm *" }, decision: "deny" },
  ],
})

async function ask({ toolCall, options = [yes, no], ...more }: Asked, wish: Parameters<typeof demo>[2] = {}) {
  const agents = { trickster: { command: process.execPath, args: ["-e", trickster], modes: {} } }
  const aegis = await open({ agents, policy })
  const asked = { toolCall: { toolCallId: "call", ...toolCall }, options, ...more }
  const wanted = { agent: "trickster", ...wish }
  const { session } = await aegis.createSession(ada, demo(temporary("work"), JSON.stringify(asked), wanted))
  // A rule decides in the append that asks.
  const asks = ({ type }: { readonly type: string }) => type === "turn.ended" || type === "approval.requested"
  await until(aegis, session.id, asks)
  const [approval] = await aegis.listApprovals({ sessionId: session.id })
  const entries = approval?.status === "open" ? [] : await until(aegis, session.id, isType("turn.ended"))
  return { aegis, session, approval, said: textOf(entries), types: entries.map(({ type }) => type) }
}

const rm = { rawInput: { command: "rm -rf /" } }

it.each([
  ["a title of something harmless", { title: "Read notes", kind: "execute", ...rm }, "rejected no-rm"],
  ["a kind of something harmless, too", { title: "Read notes", kind: "read", ...rm }, "rejected no-rm"],
  ["a title that names what is allowed, and no kind", { title: "read", rawInput: { path: "/x" } }, "open undefined"],
  ["a title of what is denied over what is allowed", { title: "rm -rf /", kind: "read" }, "approved reading"],
  ["a kind that nobody knows", { title: "Read", kind: "read_and_delete", rawInput: { path: "/x" } }, "open undefined"],
  ["a kind that nobody knows over what is denied", { title: "Read", kind: "read_and_delete", ...rm }, "rejected no-rm"],
  ["no kind over what is denied", { title: "Read notes", ...rm }, "rejected no-rm"],
])("%s: the call goes by its input", async (_what, toolCall, judged) => {
  const { approval, said } = await ask({ toolCall })
  expect(`${approval?.status} ${approval?.rule ?? undefined}`).toBe(judged)
  if (judged.startsWith("rejected")) expect(JSON.parse(said)).toEqual({ outcome: "selected", optionId: "no" })
})

it("shows what would run beside the title, and the digest is of both", async () => {
  const toolCall = { title: "Read notes", kind: "execute", rawInput: { command: "touch x" } }
  const { approval, aegis, session } = await ask({ toolCall })
  expect(approval?.tool).toMatchObject({ title: "Read notes", input: { command: "touch x" } })
  const other = await ask({ toolCall: { ...toolCall, rawInput: { command: "touch y" } } })
  expect(other.approval?.digest).not.toBe(approval?.digest)
  const vote = { choice: "approve", approvalId: approval?.approvalId, digest: other.approval?.digest ?? "" } as const
  await expect(aegis.vote(ada, session.id, vote)).rejects.toMatchObject({ code: "digest-mismatch" })
})

it("a path is followed as words, and as the system follows it: neither leads out of the folder unasked", async () => {
  const [workDir, elsewhere] = [temporary("work"), temporary("elsewhere")]
  mkdirSync(join(elsewhere, "deep"))
  symlinkSync(join(elsewhere, "deep"), join(workDir, "link"))
  const statusOf = async (path: string) =>
    (
      await ask(
        { toolCall: { title: "Edit", kind: "edit", rawInput: { path } } },
        { workDir, permissionMode: "acceptEdits" },
      )
    ).approval?.status
  expect(await statusOf("none/../inside")).toBe("approved")
  expect(await statusOf("link/../outside")).toBe("open")
  expect(await statusOf(`${workDir}/link/../outside`)).toBe("open")
  expect(await statusOf("none/../../outside")).toBe("open")
})

it("keeps a title of a megabyte as it is, under the same digest as the call", async () => {
  const { approval } = await ask({ toolCall: { kind: "execute", rawInput: { command: "true" } }, size: 1024 * 1024 })
  expect(approval).toMatchObject({ status: "open", digest: expect.stringMatching(/^[\da-f]{64}$/) })
  expect(approval?.tool.title).toHaveLength(1024 * 1024)
})

it.each([
  ["a yes and a no", "allow_once", "reject_once"],
  ["a no and a yes", "reject_once", "allow_once"],
  ["once and always", "allow_once", "allow_always"],
])("an option that is %s at once is not asked about: the agent is told so", async (_what, first, second) => {
  const options = [first, second].map((kind) => ({ optionId: "x", name: "X", kind }))
  const { approval, said, types } = await ask({ toolCall: { title: "a", kind: "execute", ...rm }, options })
  expect(approval).toBeUndefined()
  expect(JSON.parse(said)).toMatchObject({ code: -32602, message: expect.stringContaining(`"x" has two kinds`) })
  expect(types).toContain("agent.update")
})

it("an option that is offered twice for the same is one", async () => {
  const { approval } = await ask({
    toolCall: { title: "a", kind: "execute", rawInput: { command: "ls" } },
    options: [yes, yes, no],
  })
  expect(approval?.status).toBe("open")
})

it("half a character ends no agent: it is asked about as the log holds it", async () => {
  const { approval } = await ask({ toolCall: { title: "\udc00", kind: "execute", rawInput: { command: "ls \ud800" } } })
  expect(approval?.status).toBe("open")
  expect(approval?.tool).toMatchObject({ title: "\ufffd", input: { command: "ls \ufffd" } })
  expect(approval?.digest).toBe(createHash("sha256").update(canonical(approval?.tool)).digest("hex"))
})
