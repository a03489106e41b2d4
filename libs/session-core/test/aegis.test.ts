import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

describe("a session of the demo agent", () => {
  it("runs from a prompt over an approval to a file, and ends idle", async () => {
    const aegis = await open({ settings: { deliveryWaitMs: 60_000 } })
    const workDir = temporary("work")
    const { session, reused, promptDelivery } = await aegis.createSession(
      ada,
      demo(workDir, script("say One moment.", "write notes.txt Hello!", "say Done.")),
    )
    expect(reused).toBe(false)
    expect(promptDelivery).toMatchObject({ delivered: true, status: "delivered" })
    await until(aegis, session.id, isType("approval.requested"))
    expect(await aegis.getSession(session.id)).toMatchObject({ status: "permission_prompt", pendingApprovals: 1 })
    const approval = await aegis.vote(ada, session.id, { choice: "approve" })
    expect(approval).toMatchObject({ status: "approved", decidedBy: { id: "ada" } })
    const entries = await until(aegis, session.id, isType("turn.ended"))
    expect(textOf(entries)).toMatch(/^One moment[.].*Done[.]$/)
    expect(readFileSync(join(workDir, "notes.txt"), "utf8")).toBe("Hello!")
    const last = entries.at(-1)
    expect(last?.event).toMatchObject({ status: "idle", data: { stopReason: "end_turn" } })
    expect((await aegis.listApprovals({ sessionId: session.id }))[0]).toMatchObject({
      status: "approved",
      delivery: "delivered",
    })
  })

  it("tells a rejection to the agent, who goes on without the file", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const { session } = await aegis.createSession(
      ada,
      demo(workDir, script("write notes.txt Hello!", "say Still here.")),
    )
    await until(aegis, session.id, isType("approval.requested"))
    await aegis.vote(ada, session.id, { choice: "reject", reason: "not now" })
    expect(textOf(await until(aegis, session.id, isType("turn.ended")))).toContain("Still here.")
    expect(existsSync(join(workDir, "notes.txt"))).toBe(false)
  })

  it("asks, checks the answer against the question's schema, and gets it", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), script("ask Which colour? | red | blue")),
    )
    await until(aegis, session.id, isType("question.asked"))
    const { pendingQuestion, status } = await aegis.getSession(session.id)
    expect(status).toBe("asking")
    const field = Object.keys(pendingQuestion?.schema.properties ?? {})[0] ?? ""
    await expect(
      aegis.answer(ada, session.id, { action: "accept", content: { [field]: "green" } }),
    ).rejects.toMatchObject({ code: "answer-invalid" })
    await aegis.answer(ada, session.id, { action: "accept", content: { [field]: "blue" } })
    expect(textOf(await until(aegis, session.id, isType("turn.ended")))).toContain("blue")
    await expect(aegis.answer(ada, session.id, { action: "decline" })).rejects.toMatchObject({
      code: "question-not-found",
    })
  })

  it("queues prompts and runs them in order; one that will not wait is refused", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("write a.txt 1")))
    await until(aegis, session.id, isType("approval.requested"))
    const second = await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say second") }] })
    const third = await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say third") }] })
    expect(third).toMatchObject({ queued: true, delivered: false })
    await expect(aegis.send(ada, session.id, { content: [], whenBusy: "reject" })).rejects.toMatchObject({
      code: "turn-busy",
    })
    await aegis.vote(ada, session.id, { choice: "approve" })
    const entries = await until(aegis, session.id, isType("turn.ended"), 3)
    expect(
      entries
        .filter(({ type }) => type === "turn.started")
        .map(({ event }) => event.turnId)
        .slice(1),
    ).toEqual([second.turnId, third.turnId])
    expect(textOf(entries)).toMatch(/second.*third/s)
  })

  it("is interrupted in the middle, withdraws what waits, and takes the next prompt", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("write a.txt 1", "say after")))
    await until(aegis, session.id, isType("approval.requested"))
    await aegis.interrupt(ada, session.id)
    const entries = await until(aegis, session.id, isType("turn.ended"))
    // It heard of the cancel first, so that the answer to its request did not let it go on.
    expect(textOf(entries)).not.toContain("after")
    expect(entries.at(-1)?.event).toMatchObject({ status: "idle", data: { stopReason: "cancelled" } })
    expect((await aegis.listApprovals({ sessionId: session.id }))[0]?.status).toBe("withdrawn")
    await expect(aegis.interrupt(ada, session.id)).rejects.toMatchObject({ code: "no-turn" })
    await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say again") }] })
    expect(textOf(await until(aegis, session.id, isType("turn.ended"), 2))).toContain("again")
  })

  it("keeps many approvals apart, tells who was first, and answers the same vote twice", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script("writes 3")))
    await until(aegis, session.id, isType("approval.requested"), 3)
    await expect(aegis.vote(ada, session.id, { choice: "approve" })).rejects.toMatchObject({
      code: "approval-ambiguous",
    })
    const [first, ...others] = await aegis.listApprovals({ sessionId: session.id, status: "open" })
    const { approvalId = "", digest = "" } = first ?? {}
    await expect(
      aegis.vote(bo, session.id, { choice: "approve", approvalId, digest: "0".repeat(64) }),
    ).rejects.toMatchObject({ code: "digest-mismatch" })
    const votes = await Promise.allSettled(
      [ada, bo, ada, bo].map((who, index) =>
        aegis.vote(who, session.id, { choice: index % 2 ? "reject" : "approve", approvalId, digest }),
      ),
    )
    // Whoever comes first: before a yes it is looked whether all is as it was.
    const isApproved = votes[0]?.status === "fulfilled"
    const [won, lost] = isApproved ? ["fulfilled", "rejected"] : ["rejected", "fulfilled"]
    expect(votes.map(({ status }) => status)).toEqual([won, lost, won, lost])
    const winner = isApproved ? "approved by ada (test)" : "rejected by bo (test)"
    expect(votes[isApproved ? 1 : 0]).toMatchObject({
      reason: { code: "approval-consumed", message: expect.stringContaining(winner) },
    })
    for (const { approvalId: other } of others)
      await aegis.vote(bo, session.id, { choice: "reject", approvalId: other })
    await until(aegis, session.id, isType("turn.ended"))
    expect([1, 2, 3].filter((n) => existsSync(join(workDir, `demo-${n}.txt`)))).toHaveLength(isApproved ? 1 : 0)
  })

  it("is killed in the middle of its turn, with every process it started", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), script("ignore-term", "spawn-daemon", "write a.txt 1")),
    )
    const entries = await until(aegis, session.id, isType("approval.requested"))
    const runId = runIdOf(entries)
    expect(markedProcesses(runId).length).toBeGreaterThan(1)
    expect((await aegis.kill(ada, session.id)).status).toBe("killed")
    await until(aegis, session.id, isType("agent.exited"))
    expect(markedProcesses(runId)).toEqual([])
    await expect(aegis.send(ada, session.id, { content: [] })).rejects.toMatchObject({ code: "session-ended" })
  })
})

describe("modes", () => {
  it.each([
    ["acceptEdits", "a.txt", true],
    ["dontAsk", "a.txt", false],
    ["bypassPermissions", "a.txt", true],
  ] as const)("%s decides about %s without a person", async (permissionMode, file, isWritten) => {
    const aegis = await open()
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script(`write ${file} x`), { permissionMode }))
    await until(aegis, session.id, isType("turn.ended"))
    expect(existsSync(join(workDir, file))).toBe(isWritten)
    expect((await aegis.listApprovals({ sessionId: session.id }))[0]).toMatchObject({
      rule: `mode:${permissionMode}`,
      decidedBy: { kind: "policy" },
    })
  })

  it("acceptEdits is not led out of the folder by a link", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    symlinkSync(temporary("outside"), join(workDir, "link"))
    const { session } = await aegis.createSession(
      ada,
      demo(workDir, script("write link/a.txt x"), { permissionMode: "acceptEdits" }),
    )
    const entries = await until(aegis, session.id, ({ type }) => type === "approval.requested" || type === "turn.ended")
    expect(entries.filter(({ type }) => type === "policy.decided")).toEqual([])
  })
})

describe("a session that is paused", () => {
  it("lets what runs go on, and no prompt out until it is resumed, over a restart too", async () => {
    const stateDir = temporary("state")
    const first = await open({ stateDir })
    const { session } = await first.createSession(ada, demo(temporary("work"), script("say one", "run echo hi")))
    await until(first, session.id, isType("approval.requested"))
    expect((await first.pause(ada, session.id)).paused).toBe(true)
    await first.send(ada, session.id, { content: [{ type: "text", text: script("say two") }] })
    await first.vote(ada, session.id, { choice: "reject" })
    await until(first, session.id, isType("turn.ended"))
    await first.close()

    const second = await open({ stateDir })
    expect(await second.getSession(session.id)).toMatchObject({ paused: true, queuedPrompts: 1, status: "idle" })
    expect((await second.resume(ada, session.id)).paused).toBe(false)
    expect(textOf(await until(second, session.id, isType("turn.ended"), 2))).toMatch(/two$/)
  })
})

describe("an agent that is silent in a turn", () => {
  it("is told, and is well again when it speaks", async () => {
    const aegis = await open({ settings: { stallThresholdMs: 50 } })
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), script("say one", "pause 400", "say two")),
    )
    const entries = await until(aegis, session.id, isType("session.stalled"))
    expect(entries.at(-1)?.event).toMatchObject({ status: "working", data: { sinceMs: 50 } })
    expect((await aegis.getSession(session.id)).health).toEqual({ stalled: true })
    await until(aegis, session.id, isType("turn.ended"))
    expect((await aegis.getSession(session.id)).health).toEqual({ stalled: false })
  })

  it("is interrupted where that is wanted, and not while it waits for a person", async () => {
    const host = { stateDir: temporary("state"), agentHost: "detached" } as const
    const patient = await open(host)
    const prompt = script("run echo hi", "wait")
    const { session } = await patient.createSession(ada, demo(temporary("work"), prompt))
    await until(patient, session.id, isType("approval.requested"))
    // It is silent from here on, however long it took until it asked.
    await patient.close({ keepAgents: true })
    const aegis = await open({ ...host, settings: { stallThresholdMs: 50, stallAction: "interrupt" } })
    const { session: other } = await aegis.createSession(ada, demo(temporary("work"), script("wait")))
    const entries = await until(aegis, other.id, isType("turn.ended"))
    expect(entries.at(-1)?.event.data).toMatchObject({ stopReason: "cancelled" })
    expect((await aegis.getSession(session.id)).status).toBe("permission_prompt")
  })
})

describe("a write that is asked for again", () => {
  const idempotency = { key: "k", fingerprint: "f" }

  it("whose first part alone was done is made whole, once", async () => {
    const aegis = await open()
    const caller = { ...ada, idempotency }
    const workDir = temporary("work")
    // As a crash leaves it: the session is there, its prompt is not.
    const first = await aegis.createSession(caller, demo(workDir, undefined, { reuse: false }))
    const wish = demo(workDir, script("say one"), { reuse: false })
    const [second, third] = [await aegis.createSession(caller, wish), await aegis.createSession(caller, wish)]
    expect([second.session.id, third.session.id]).toEqual([first.session.id, first.session.id])
    expect(third.promptDelivery?.turnId).toBe(second.promptDelivery?.turnId)
    const entries = await until(aegis, first.session.id, isType("turn.ended"))
    expect(entries.filter(({ type }) => type === "turn.requested")).toHaveLength(1)
  })

  it("with another wish under its key is refused", async () => {
    const aegis = await open()
    await aegis.createSession({ ...ada, idempotency }, demo(temporary("work")))
    await expect(
      aegis.createSession({ ...ada, idempotency: { key: "k", fingerprint: "g" } }, demo(temporary("work"))),
    ).rejects.toMatchObject({ code: "idempotency-mismatch" })
  })
})

describe("an agent that dies", () => {
  it("is started again by itself, and the session is given up when it dies too often", async () => {
    const aegis = await open({ settings: { agentRestart: { max: 2, backoffMs: 1 } } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("crash")))
    await until(aegis, session.id, isType("session.ready"), 2)
    await aegis.send(ada, session.id, { content: [{ type: "text", text: script("crash") }] })
    await until(aegis, session.id, isType("session.ready"), 3)
    await aegis.send(ada, session.id, { content: [{ type: "text", text: script("crash") }] })
    const entries = await until(aegis, session.id, isType("session.crashed"))
    expect(entries.filter(({ type }) => type === "agent.started")).toHaveLength(3)
    await expect(aegis.send(ada, session.id, { content: [] })).rejects.toMatchObject({
      code: "session-ended",
      message: expect.stringContaining("restart it"),
    })

    expect((await aegis.restart(ada, session.id)).status).not.toBe("crashed")
    await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say back") }] })
    const after = await until(aegis, session.id, isType("turn.ended"), 4)
    expect([textOf(after), after.at(-1)?.event.status]).toEqual(["back", "idle"])
  })

  it("ends its turn agent_crashed, and the next prompt resumes the session", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(
      ada,
      demo(temporary("work"), script("say one", "stderr last words", "crash")),
    )
    const first = await until(aegis, session.id, isType("agent.exited"))
    expect(first.find(({ type }) => type === "turn.ended")?.event.data).toMatchObject({
      error: { code: "agent_crashed" },
    })
    expect(first.at(-1)?.event).toMatchObject({
      status: "idle",
      data: { cause: "crashed", signal: "SIGKILL", stderrTail: expect.stringContaining("last words") },
    })
    await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say two") }] })
    const entries = await until(aegis, session.id, isType("turn.ended"), 2)
    expect(entries.find(({ type }) => type === "session.recovered")?.event.data).toEqual({
      restored: "resumed",
      gap: false,
    })
    expect(textOf(entries)).toBe("onetwo")
  })

  it("before it is ready leaves the session in error, with the reason, and nothing running", async () => {
    const agents = {
      broken: { command: process.execPath, args: ["-e", "console.error('no licence'); process.exit(3)"] },
    }
    const aegis = await open({ agents })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), "hello", { agent: "broken" }))
    const entries = await until(aegis, session.id, isType("agent.exited"))
    expect(entries.at(-1)?.event.data).toMatchObject({
      cause: "failed",
      code: 3,
      stderrTail: expect.stringContaining("no licence"),
    })
    await until(aegis, session.id, isType("turn.ended"))
    expect(await aegis.getSession(session.id)).toMatchObject({
      status: "error",
      failure: { code: "agent-start-failed" },
      queuedPrompts: 0,
    })
  })

  it("in silence is given up after the start time-out", async () => {
    const agents = { silent: { command: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"] } }
    const aegis = await open({ agents, settings: { startTimeoutMs: 300 } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), "hello", { agent: "silent" }))
    const entries = await until(aegis, session.id, isType("agent.exited"))
    expect(entries.at(-1)?.event.data).toMatchObject({ cause: "failed", error: { code: "agent-start-timeout" } })
    expect(markedProcesses(runIdOf(entries))).toEqual([])
  })

  it("or does not heed an interrupt is stopped after the grace, and the turn is cancelled all the same", async () => {
    const deaf = `
      const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n")
      require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
        const { id, method } = JSON.parse(line)
        if (method === "initialize") say({ id, result: { protocolVersion: 1, agentCapabilities: {} } })
        if (method === "session/new") say({ id, result: { sessionId: "deaf" } })
        if (method === "session/prompt") say({ method: "session/update", params: { sessionId: "deaf", update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "busy" } } } })
      })`
    const aegis = await open({
      agents: { deaf: { command: process.execPath, args: ["-e", deaf], modes: {} } },
      settings: { interruptGraceMs: 100 },
    })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), "hello", { agent: "deaf" }))
    await until(aegis, session.id, isType("message.delta"))
    await aegis.interrupt(ada, session.id)
    const entries = await until(aegis, session.id, isType("agent.exited"))
    expect(entries.find(({ type }) => type === "turn.ended")?.event.data).toMatchObject({ stopReason: "cancelled" })
    expect(entries.at(-1)?.event).toMatchObject({ status: "idle", data: { cause: "stopped" } })
  })
})

describe("create", () => {
  it("refuses what cannot be, and makes nothing", async () => {
    const aegis = await open({ agents: { missing: { command: "no-such-agent-program" } } })
    const file = join(temporary("work"), "file")
    for (const workDir of ["relative/path", "/no/such/folder", "", file])
      await expect(aegis.createSession(ada, demo(workDir, "hi"))).rejects.toMatchObject({ code: "workdir-invalid" })
    await expect(aegis.createSession(ada, demo(temporary("work"), "hi", { agent: "nobody" }))).rejects.toMatchObject({
      code: "agent-unknown",
    })
    const missing = aegis.createSession(ada, demo(temporary("work"), "hi", { agent: "missing" }))
    await expect(missing).rejects.toMatchObject({
      code: "agent-not-installed",
      message: expect.stringContaining("configure"),
    })
    expect(await aegis.listSessions({ tenantId: "home", limit: 10 })).toEqual([])
    await expect(aegis.getSession("nothing")).rejects.toMatchObject({ code: "session-not-found" })
    await expect(aegis.send(ada, "nothing", { content: [] })).rejects.toMatchObject({ code: "session-not-found" })
  })

  it("reuses an idle session of the same owner, folder, agent and mode, and no other", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const alias = join(temporary("alias"), "link")
    symlinkSync(workDir, alias)
    const { session } = await aegis.createSession(ada, demo(workDir, script("say one")))
    await until(aegis, session.id, isType("turn.ended"))
    expect(await aegis.createSession(ada, demo(alias, script("say two")))).toMatchObject({
      reused: true,
      session: { id: session.id, workDir: realpathSync(workDir) },
    })
    await until(aegis, session.id, isType("turn.ended"), 2)
    const others = [
      await aegis.createSession(bo, demo(workDir)),
      await aegis.createSession(ada, demo(workDir, undefined, { permissionMode: "plan" })),
      await aegis.createSession(ada, demo(temporary("work"))),
      await aegis.createSession(ada, demo(workDir, undefined, { reuse: false })),
    ]
    expect(others.map(({ reused }) => reused)).toEqual([false, false, false, false])
  })

  it("reuses no session that has other settings, however few of them a create names", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const policyOf = (decision: "allow" | "deny", mayLoosen = false) => ({
      document: PolicySchema.parse({ version: 1, rules: [{ id: "a", match: { kind: "execute" }, decision }] }),
      mayLoosen,
    })
    const wishes: Parameters<typeof demo>[2][] = [
      {},
      { labels: { env: "prod" } },
      { labels: { env: "prod", team: "x" } },
      { model: "demo-large" },
      { labels: { half: "\ud800" } },
      { name: "release" },
      { policy: policyOf("deny") },
      { policy: policyOf("allow") },
      { policy: policyOf("allow", true) },
    ]
    const made: string[] = []
    for (const wish of wishes) {
      const { session, reused } = await aegis.createSession(ada, demo(workDir, script("say one"), wish))
      expect([wish, reused]).toEqual([wish, false])
      await until(aegis, session.id, isType("turn.ended"))
      made.push(session.id)
    }
    // Asked for again, each is found among all of them; a session without a name of its own may have any.
    const wished = wishes.slice(1)
    for (const [index, wish] of wished.entries()) {
      const again = await aegis.createSession(ada, demo(workDir, undefined, wish))
      expect([wish, again]).toMatchObject([wish, { reused: true, session: { id: made[index + 1] } }])
    }
    const nameless = await aegis.createSession(ada, demo(workDir))
    expect(nameless).toMatchObject({ reused: true, session: { name: "release" } })
  })

  it("gives one idle session to one of two that race for it", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script("say ready")))
    await until(aegis, session.id, isType("turn.ended"))
    const pair = await Promise.all(
      [1, 2].map((n) => aegis.createSession(ada, demo(workDir, script(`say ${n}`, "wait")))),
    )
    expect(pair.map(({ reused }) => reused).toSorted()).toEqual([false, true])
    expect(new Set(pair.map((made) => made.session.id)).size).toBe(2)
  })

  it("names a session after its prompt's first words, and lists the newest first, in pages", async () => {
    const aegis = await open()
    for (const prompt of ["Fix the tests", "Write   the docs\nplease"]) {
      const folder = join(temporary("work"), "project")
      mkdirSync(folder)
      await aegis.createSession(ada, demo(folder, prompt, { labels: { team: "x" } }))
    }
    const [newest, ...older] = await aegis.listSessions({ tenantId: "home", limit: 1 })
    expect(newest).toMatchObject({ name: "Write the docs please", labels: { team: "x" } })
    expect(older).toEqual([])
    const page = await aegis.listSessions({ tenantId: "home", limit: 5, after: newest?.createdSeq ?? 0 })
    expect(page.map(({ name }) => name)).toEqual(["Fix the tests"])
    expect(await aegis.listSessions({ tenantId: "elsewhere", limit: 5 })).toEqual([])
  })
})

function runIdOf(entries: Awaited<ReturnType<typeof until>>) {
  const started = entries.find(({ type }) => type === "agent.started")?.event
  return started?.type === "agent.started" ? started.data.runId : ""
}
