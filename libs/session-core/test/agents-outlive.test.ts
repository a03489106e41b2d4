import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { openDetachedAgentHost, programPath } from "@aegis/acp-runtime/node"
import { describe, expect, it } from "vitest"
import type { SessionEvent } from "../src/events.ts"
import { ada, demo } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, untilEach, useAegis } from "./aegis-harness.ts"
import { runAndKill } from "./run-and-kill.ts"

// Agents in a host of their own: what is promised when a server dies (spec/sessions.md, Recovery).

const { open, temporary } = useAegis()
const agentHost = "detached"

type Entries = Awaited<ReturnType<typeof until>>
const ofType = <T extends SessionEvent["type"]>(entries: Entries, type: T) =>
  entries.flatMap(({ event }) => (event.type === type ? [event as unknown as Extract<SessionEvent, { type: T }>] : []))

describe("a core that is killed with -9", () => {
  it("finds its agent again: what it asked is still open, is answered, and the turn ends as if nothing had been", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    const prompt = script("say one", "write a.txt x", "say two")
    const seen = await runAndKill({ stateDir, workDir, prompt, agentHost, at: isType("approval.requested") })
    const sessionId = seen[0]?.event.sessionId ?? ""

    const aegis = await open({ stateDir, agentHost })
    expect(await aegis.getSession(sessionId)).toMatchObject({ status: "permission_prompt", pendingApprovals: 1 })
    await aegis.vote(ada, sessionId, { choice: "approve" })
    const entries = await untilEach(aegis, sessionId, ["turn.ended", "approval.delivered"])
    expect(entries.slice(0, seen.length).map(({ json }) => json)).toEqual(seen.map(({ json }) => json))
    const runId = ofType(entries, "agent.started")[0]?.data.runId
    expect(entries.slice(seen.length, seen.length + 2).map(({ event }) => event)).toMatchObject([
      { type: "agent.detached", status: "unknown", data: { runId } },
      { type: "agent.attached", status: "permission_prompt", data: { runId } },
    ])
    expect(ofType(entries, "turn.ended")).toMatchObject([{ status: "idle", data: { stopReason: "end_turn" } }])
    expect([textOf(entries), readFileSync(join(workDir, "a.txt"), "utf8")]).toEqual(["oneWrote a.txt.two", "x"])
    expect([ofType(entries, "agent.started").length, ofType(entries, "agent.exited").length]).toEqual([1, 0])
    expect(ofType(entries, "approval.delivered")).toHaveLength(1)
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "at its event %i has after its start everything once that the agent said meanwhile",
    async (index) => {
      const [stateDir, workDir] = [temporary("state"), temporary("work")]
      const prompt = script("chunks 3000 40", "tool Read read a.txt", "say end")
      const seen = await runAndKill({
        stateDir,
        workDir,
        prompt,
        agentHost,
        at: ({ type }, at) => at === index || type === "turn.ended",
      })
      const sessionId = seen[0]?.event.sessionId ?? ""

      const aegis = await open({ stateDir, agentHost })
      // Killed before the prompt was there, it never was; then another one is as good.
      const { queuedPrompts, turnId } = await aegis.getSession(sessionId)
      const wasPrompted =
        queuedPrompts > 0 || turnId !== undefined || seen.some(({ event }) => event.type === "turn.started")
      if (!wasPrompted) await aegis.send(ada, sessionId, { content: [{ type: "text", text: prompt }] })
      const entries = await until(aegis, sessionId, isType("turn.ended"))
      expect(entries.slice(0, seen.length).map(({ json }) => json)).toEqual(seen.map(({ json }) => json))
      expect(ofType(entries, "turn.ended")[0]?.data).toMatchObject({ stopReason: "end_turn" })
      const said = textOf(entries)
      expect(said.match(/\d+(?=\D|$)/g)?.length).toBeGreaterThanOrEqual(3000)
      expect(said).toBe(await saidWithoutAKill(prompt))
      for (const type of ["session.created", "agent.started", "session.ready", "turn.started", "tool.ended"] as const)
        expect([type, ofType(entries, type).length]).toEqual([type, 1])
    },
  )

  it("between a decision and its delivery delivers it, once", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    const prompt = script("write a.txt x", "say done")
    const seen = await runAndKill({
      stateDir,
      workDir,
      prompt,
      agentHost,
      approve: true,
      at: isType("approval.resolved"),
    })
    const aegis = await open({ stateDir, agentHost })
    const entries = await untilEach(aegis, seen[0]?.event.sessionId ?? "", ["turn.ended", "approval.delivered"])
    expect([textOf(entries), existsSync(join(workDir, "a.txt"))]).toEqual(["Wrote a.txt.done", true])
    for (const type of ["approval.requested", "approval.resolved", "approval.delivered"] as const)
      expect([type, ofType(entries, type).length]).toEqual([type, 1])
  })

  it("and whose agent died meanwhile tells how, and goes on with the next prompt", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    const prompt = script("say one", "pause 300", "stderr it hurts", "exit 3")
    const seen = await runAndKill({ stateDir, workDir, prompt, agentHost, at: isType("message.delta") })
    const sessionId = seen[0]?.event.sessionId ?? ""
    const started = seen.find(({ event }) => event.type === "agent.started")?.event
    const runId = started?.type === "agent.started" ? started.data.runId : ""
    await expect.poll(() => markedProcesses(runId)).toEqual([])

    const aegis = await open({ stateDir, agentHost })
    const entries = await until(aegis, sessionId, isType("agent.exited"))
    expect(entries.at(-1)?.event.data).toMatchObject({ code: 3, cause: "crashed", stderrTail: "it hurts\n" })
    expect(ofType(entries, "turn.ended")[0]?.data.error?.code).toBe("agent_crashed")
    await aegis.send(ada, sessionId, { content: [{ type: "text", text: script("say two") }] })
    expect(textOf(await until(aegis, sessionId, isType("turn.ended"), 2))).toBe("onetwo")
  })
})

it("an upgrade: a core that leaves its agents be, and the next one goes on in the middle of the turn", async () => {
  const stateDir = temporary("state")
  const first = await open({ stateDir, agentHost })
  const { session } = await first.createSession(
    ada,
    demo(temporary("work"), script("say one", "ask Which? | a | b", "say two")),
  )
  const before = await until(first, session.id, isType("question.asked"))
  await first.close({ keepAgents: true })

  const second = await open({ stateDir, agentHost })
  const question = ofType(before, "question.asked")[0]
  const [field = ""] = Object.keys(question?.data.schema.properties ?? {})
  await second.answer(ada, session.id, { action: "accept", content: { [field]: "a" } })
  const entries = await until(second, session.id, isType("turn.ended"))
  expect([textOf(entries), ofType(entries, "agent.started").length]).toEqual(["oneChosen: a.two", 1])
  expect(ofType(entries, "agent.exited")).toEqual([])
})

it("a core that is closed in order leaves no process behind, and the host goes too", async () => {
  const stateDir = temporary("state")
  const aegis = await open({ stateDir, agentHost })
  const { session } = await aegis.createSession(
    ada,
    demo(temporary("work"), script("ignore-term", "spawn-daemon", "say one", "wait")),
  )
  const entries = await until(aegis, session.id, isType("message.delta"))
  const runId = ofType(entries, "agent.started")[0]?.data.runId ?? ""
  expect(markedProcesses(runId)).toHaveLength(2)
  await aegis.close()
  expect(markedProcesses(runId)).toEqual([])
  expect(processesOf(stateDir)).toEqual([])
})

it("a host that is killed takes its agents along: the turn is told as cut, the next prompt resumes and tells the gap", async () => {
  const stateDir = temporary("state")
  const aegis = await open({ stateDir, agentHost })
  const { session } = await aegis.createSession(
    ada,
    demo(temporary("work"), script("chunks 500 40", "spawn-daemon", "run echo hi")),
  )
  const entries = await until(aegis, session.id, isType("approval.requested"))
  const runId = ofType(entries, "agent.started")[0]?.data.runId ?? ""
  for (const pid of processesOf(stateDir)) process.kill(pid, "SIGKILL")
  const over = await until(aegis, session.id, isType("agent.exited"))
  expect(over.at(-1)?.event).toMatchObject({ status: "idle", data: { cause: "lost" } })
  expect(ofType(over, "agent.detached")).toMatchObject([{ status: "unknown", data: { runId } }])
  expect(ofType(over, "agent.attached")).toEqual([])
  expect(ofType(over, "approval.resolved")[0]?.data).toMatchObject({ status: "withdrawn" })
  expect(ofType(over, "turn.ended")[0]?.data.error?.code).toBe("agent_crashed")
  expect(markedProcesses(runId)).toEqual([])

  await aegis.send(ada, session.id, { content: [{ type: "text", text: script("say back") }] })
  const after = await until(aegis, session.id, isType("turn.ended"), 2)
  expect(ofType(after, "session.recovered").map(({ data }) => data)).toEqual([{ restored: "resumed", gap: true }])
  expect(textOf(after)).toMatch(/back$/)
})

it("a connection to the host that is cut is told, with what is known when it is back; nothing is lost or said twice", async () => {
  const stateDir = temporary("state")
  const aegis = await open({ stateDir, agentHost })
  const prompt = script("say one", "write a.txt x", "say two")
  const { session } = await aegis.createSession(ada, demo(temporary("work"), prompt))
  await until(aegis, session.id, isType("approval.requested"))
  for (let cut = 1; cut <= 3; cut++) {
    await cutConnection(stateDir)
    const entries = await until(aegis, session.id, isType("agent.attached"), cut)
    expect(entries.slice(-2).map(({ event }) => [event.type, event.status])).toEqual([
      ["agent.detached", "unknown"],
      ["agent.attached", "permission_prompt"],
    ])
  }
  await aegis.vote(ada, session.id, { choice: "approve" })
  const entries = await untilEach(aegis, session.id, ["turn.ended", "approval.delivered"])
  expect([textOf(entries), ofType(entries, "agent.exited").length]).toEqual(["oneWrote a.txt.two", 0])
  expect(ofType(entries, "approval.delivered")).toHaveLength(1)
})

it("a core whose agent is not configured any more starts all the same, and its session says why it failed", async () => {
  const [stateDir, workDir] = [temporary("state"), temporary("work")]
  const hanging = { command: process.execPath, args: [programPath("demo-agent"), "--hang-initialize"] }
  const first = await open({ stateDir, agentHost, agents: { mine: hanging } })
  const { session } = await first.createSession(ada, demo(workDir, "/hello", { agent: "mine" }))
  await until(first, session.id, isType("agent.started"))
  await first.close({ keepAgents: true })
  const second = await open({ stateDir, agentHost })
  await until(second, session.id, isType("turn.ended"))
  expect(await second.getSession(session.id)).toMatchObject({ status: "error", failure: { code: "agent-not-found" } })
})

it("an agent that no session knows, started a moment before the end, is ended at the start", async () => {
  const stateDir = temporary("state")
  mkdirSync(stateDir, { recursive: true })
  const real = realpathSync(stateDir)
  const hostId = createHash("sha256").update(real).digest("hex").slice(0, 16)
  const env = { PATH: process.env.PATH ?? "" }
  const host = await openDetachedAgentHost({ folder: join(real, "host"), hostId, env })
  await host.start({ runId: "unknown", command: "/bin/sh", args: ["-c", "cat"], env, cwd: "/" })
  await host.close({ keepAgents: true })
  expect(markedProcesses(`${hostId}:unknown`)).not.toEqual([])
  await open({ stateDir, agentHost })
  expect(markedProcesses(`${hostId}:unknown`)).toEqual([])
  await expect.poll(() => readdirSync(join(real, "host", "runs"))).toEqual([])
})

const told = new Map<string, Promise<string>>()

/** What the agent says to the prompt where nobody is killed. */
function saidWithoutAKill(prompt: string) {
  const known = told.get(prompt)
  if (known) return known
  const saying = (async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(ada, demo(temporary("work"), prompt))
    return textOf(await until(aegis, session.id, isType("turn.ended")))
  })()
  told.set(prompt, saying)
  return saying
}

/** Somebody else with the secret: the host lets the core's connection go for this one, which ends. */
async function cutConnection(stateDir: string) {
  const folder = join(realpathSync(stateDir), "host")
  const hello = JSON.stringify({ type: "hello", versions: [1], secret: readFileSync(join(folder, "secret"), "utf8") })
  const prefix = Buffer.alloc(8)
  prefix.writeUInt32BE(Buffer.byteLength(hello), 0)
  const socket = connect(join(folder, "socket"))
  socket.write(Buffer.concat([prefix, Buffer.from(hello)]))
  await once(socket, "data")
  socket.destroy()
}

/** The host of the data directory. */
function processesOf(stateDir: string) {
  const folder = join(realpathSync(stateDir), "host")
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`\0${folder}\0`))
    .map(Number)
}

function commandOf(pid: string) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    // Gone meanwhile.
    return ""
  }
}
