import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { adapter, hasRealAgent } from "./installed.ts"
import { played, RealAgent, tool } from "./real-agent.ts"

// The real Claude adapter and the real program behind it, through our server. Only the model is played.

describe.skipIf(!hasRealAgent(process.env))("the real Claude agent", () => {
  let agent: RealAgent
  beforeAll(async () => {
    agent = await RealAgent.start({ acpBin: adapter, env: recording })
  })
  afterAll(async () => {
    await agent?.close()
  })

  const asked = () => JSON.stringify(agent.model.requests.filter(({ tools = [] }) => tools.length > 0).at(-1)?.messages)
  const write = (file: string, content: string) => tool("Write", { file_path: file, content })

  it("text: what the model says arrives, thought apart from words", async () => {
    const session = await agent.session(played("think I greet.", "say Hello from the model."))
    const { data, status } = await session.until("turn.ended")
    expect([data.stopReason, status, session.said()]).toEqual(["end_turn", "idle", "Hello from the model."])
    expect(session.events.some(({ type }) => type === "thinking.delta")).toBe(true)
    expect(asked()).toContain("Hello from the model.")
    const { messages } = await agent.client.getTranscriptCursor(session.id)
    expect(messages.map(({ role, contentType, text }) => [role, contentType, text])).toEqual([
      ["user", "text", expect.stringContaining("#model")],
      ["assistant", "thinking", "I greet."],
      ["assistant", "text", "Hello from the model."],
    ])
  })

  it("Write approved: asked with the exact change, written once it is allowed", async () => {
    const session = await agent.session("placeholder: nothing to do")
    await session.until("turn.ended")
    const file = session.file("a.txt")
    await agent.client.sendMessage(session.id, played(write(file, "one\ntwo\n"), "say Written."))
    const { data } = await session.until("approval.requested")
    expect(data.tool).toMatchObject({ name: "Write", kind: "edit", input: { file_path: file, content: "one\ntwo\n" } })
    expect(data.tool.content).toContainEqual(
      expect.objectContaining({ type: "diff", path: file, newText: "one\ntwo\n" }),
    )
    expect(data.options.map(({ kind }) => kind)).toContain("allow_once")
    expect(existsSync(file)).toBe(false)
    await agent.client.approvePermission(session.id, { approvalId: data.approvalId, digest: data.digest })
    expect((await session.until("turn.ended")).data.stopReason).toBe("end_turn")
    expect(readFileSync(file, "utf8")).toBe("one\ntwo\n")
    expect(session.said()).toContain("Written.")
  })

  it("Write rejected: not written, the model is told, the turn goes on", async () => {
    const session = await agent.session("hello")
    await session.until("turn.ended")
    const file = session.file("b.txt")
    await agent.client.sendMessage(session.id, played(write(file, "no"), "say Then not."))
    await session.until("approval.requested")
    await agent.client.rejectPermission(session.id)
    expect((await session.until("turn.ended")).data.stopReason).toBe("end_turn")
    expect([existsSync(file), session.said().endsWith("Then not.")]).toEqual([false, true])
    expect(session.events.findLast(({ type }) => type === "tool.ended")?.data).toMatchObject({ status: "failed" })
    expect(asked()).toMatch(/refused|doesn't want|rejected/i)
  })

  it("interrupt: while it speaks, and while it waits for a permission; the next prompt is answered", async () => {
    const session = await agent.session(played("hold"))
    await session.until("message.delta")
    await agent.client.interruptSession(session.id)
    expect((await session.until("turn.ended")).data.stopReason).toBe("cancelled")
    const file = session.file("c.txt")
    await agent.client.sendMessage(session.id, played(write(file, "no"), "say Not reached."))
    await session.until("approval.requested")
    await agent.client.interruptSession(session.id)
    const { data, status } = await session.until("turn.ended")
    expect([data.stopReason, status, existsSync(file)]).toEqual(["cancelled", "idle", false])
    expect((await agent.client.listSessionApprovals(session.id)).items.map((approval) => approval.status)).toEqual([
      "withdrawn",
    ])
    await agent.client.sendMessage(session.id, played("say Here again."))
    const { turnId } = await session.until("turn.ended")
    expect(session.said({ ...(turnId === undefined ? {} : { turnId }) })).toBe("Here again.")
  })

  it("question: its choices are shown, and the model gets the answer", async () => {
    const options = ["Red", "Blue"].map((label) => ({ label, description: `It is ${label}.` }))
    const question = { question: "Which colour?", header: "Colour", options, multiSelect: false }
    const session = await agent.session(played(tool("AskUserQuestion", { questions: [question] }), "say Noted."))
    const { data, status } = await session.until("question.asked")
    expect(status).toBe("asking")
    expect(JSON.stringify(data)).toMatch(/Which colour\?.*Red.*Blue/)
    const [field = ""] = Object.keys(data.schema.properties as object)
    await agent.client.answerQuestion(session.id, { questionId: data.questionId, content: { [field]: "Blue" } })
    expect((await session.until("turn.ended")).data.stopReason).toBe("end_turn")
    expect([session.said(), asked()]).toEqual(["Noted.", expect.stringContaining("Blue")])
  })

  it("two turns: the second knows the first; one that is sent meanwhile waits its turn", async () => {
    const session = await agent.session(played("hold", "say First."))
    await session.until("message.delta")
    const sent = await agent.client.sendMessage(session.id, played("say Second."))
    expect(sent.queued).toBe(true)
    agent.model.goOn()
    await session.until("turn.ended")
    await session.until("turn.ended")
    expect(session.said()).toMatch(/First\.Second\.$/)
    expect(asked()).toMatch(/First\.[\s\S]*say Second\./)
  })

  it("mode and options: set before the first prompt and between two; edits are allowed by our rule, not by the agent", async () => {
    const session = await agent.session("hello", { permissionMode: "acceptEdits", model: "haiku" })
    const ready = await session.until("session.ready")
    expect(ready.data.modes).toMatchObject({ current: "default" })
    await session.until("turn.ended")
    expect(agent.model.requests.findLast(({ tools = [] }) => tools.length > 0)?.model).toContain("haiku")
    await agent.client.setSessionOptions(session.id, { options: { model: "sonnet", effort: "high" } })
    const file = session.file("d.txt")
    await agent.client.sendMessage(session.id, played(write(file, "by rule"), "say Done."))
    const resolved = await session.until("approval.resolved")
    expect(resolved.data).toMatchObject({ status: "approved", rule: expect.stringContaining("acceptEdits") })
    await session.until("turn.ended")
    expect(readFileSync(file, "utf8")).toBe("by rule")
    expect(agent.model.requests.findLast(({ tools = [] }) => tools.length > 0)).toMatchObject({
      model: expect.stringContaining("sonnet"),
      output_config: { effort: "high" },
    })

    const planned = await agent.session("hello", { permissionMode: "plan" })
    expect((await planned.until("session.ready")).data.modes).toMatchObject({ current: "plan" })
    await planned.until("turn.ended")
  })

  it("resume: its adapter is killed, and the next prompt goes on with what was said before", async () => {
    const session = await agent.session(played("say I remember 4711."))
    const started = await session.until("agent.started")
    await session.until("turn.ended")
    process.kill(started.data.pid, "SIGKILL")
    expect((await session.until("agent.exited")).data).toMatchObject({ signal: "SIGKILL", cause: "crashed" })
    await agent.client.sendMessage(session.id, played("say And go on."))
    expect((await session.until("session.ready")).data.restored).toBe("resumed")
    const { turnId } = await session.until("turn.ended")
    expect(session.said({ ...(turnId === undefined ? {} : { turnId }) })).toBe("And go on.")
    expect(asked()).toContain("I remember 4711.")
  })

  it("fork: it knows what was said before, and each goes its own way from there", async () => {
    const session = await agent.session(played("say I remember 4711."))
    await session.until("turn.ended")
    const fork = await agent.fork(session, played("say I am the fork."))
    expect((await fork.until("session.ready")).data.restored).toBe("forked")
    await fork.until("turn.ended")
    expect(fork.said()).toBe("I am the fork.")
    expect(asked()).toContain("I remember 4711.")
    await agent.client.sendMessage(session.id, played("say I am the first."))
    await session.until("turn.ended")
    expect(asked()).toContain("I remember 4711.")
    expect(asked()).not.toContain("I am the fork.")
  })

  it("usage and cost: of each turn, and added up once", async () => {
    const session = await agent.session(played("usage 1000 200", "say One."))
    const first = await session.until("turn.ended")
    expect(first.data.usage).toMatchObject({ inputTokens: 1000, outputTokens: 200 })
    await agent.client.sendMessage(session.id, played("usage 2000 300", "say Two."))
    expect((await session.until("turn.ended")).data.usage).toMatchObject({ inputTokens: 2000, outputTokens: 300 })
    const updates = session.events.filter(({ type }) => type === "usage.updated").map(({ data }) => data as Usage)
    const sum = updates.reduce((total, { costDelta = 0 }) => total + costDelta, 0)
    const { cost, usage } = await agent.client.getSession(session.id)
    expect(cost).toBeGreaterThan(0)
    expect([sum, updates.findLast(({ costTotal }) => costTotal !== undefined)?.costTotal]).toEqual([cost, cost])
    expect(usage?.size).toBeGreaterThan(100_000)
  })

  it("a model that refuses: the turn ends with the reason, and the session is usable again", async () => {
    const session = await agent.session(played("error 400"))
    const { data } = await session.until("turn.ended")
    expect(data.error?.message).toMatch(/API Error|400/)
    await agent.client.sendMessage(session.id, played("say Better."))
    expect((await session.until("turn.ended")).data.stopReason).toBe("end_turn")
  })

  it("cassette: it is played again by a server without an adapter and a model, to the same transcript", async () => {
    const workDir = mkdtempSync(join(agent.root, "cassette-"))
    const prompt = played("think I write.", "say I write.", write(join(workDir, "e.txt"), "one\n"), "say Written.")
    const haveWritten = async (its: RealAgent, options = {}) => {
      const session = await its.session(prompt, { workDir, ...options })
      const { data } = await session.until("approval.requested")
      await its.client.approvePermission(session.id, { approvalId: data.approvalId, digest: data.digest })
      expect((await session.until("turn.ended")).data.stopReason).toBe("end_turn")
      expect(session.said()).toBe("I write.Written.")
      return text(await its.client.exportSession(session.id, { format: "cassette" }))
    }
    const cassette = await haveWritten(agent)
    writeFileSync(join(workDir, "it.jsonl"), cassette)
    const other = await RealAgent.start({ env: recording })
    try {
      const again = await haveWritten(other, { agent: "cassette:it.jsonl" })
      expect(transcriptOf(again)).toEqual(transcriptOf(cassette))
      expect(transcriptOf(again).messages).toBeGreaterThan(5)
      expect(other.model.requests).toEqual([])
    } finally {
      await other.close()
    }
  })

  it("not installed: says how, where it must not be fetched unasked", async () => {
    const bare = await RealAgent.start()
    try {
      await expect(bare.session("hello")).rejects.toMatchObject({
        code: "agent-not-installed",
        message: expect.stringContaining("ag run --agent claude"),
      })
      expect((await bare.client.listSessions()).items).toEqual([])
    } finally {
      await bare.close()
    }
  })

  it("leaves no process behind, and asks nothing of anybody but the model", async () => {
    const processes = agent.processes()
    expect(processes.length).toBeGreaterThan(0)
    expect(agent.model.strangers).toEqual([])
    expect(await agent.close()).toEqual([])
  })
})

const recording = { AEGIS_RECORD_TRAFFIC: "true" }

const transcriptOf = (cassette: string) => JSON.parse(cassette.split("\n")[0] ?? "").transcript

interface Usage {
  readonly costDelta?: number
  readonly costTotal?: number
}
