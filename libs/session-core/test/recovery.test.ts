import { EMPTY_HASH, nextHash, splitEnvelope } from "@aegis/event-log"
import { expect, it } from "vitest"
import { ada } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"
import { runAndKill } from "./run-and-kill.ts"

const { open, temporary } = useAegis()

it("a core killed with -9 in the middle of a turn has, after its restart, all that a reader saw, and goes on", async () => {
  const stateDir = temporary("state")
  const seen = await runAndKill({
    ...{ stateDir, workDir: temporary("work"), prompt: script("say one", "spawn-daemon", "write a.txt x") },
    at: isType("approval.requested"),
  })
  const [created] = seen
  const sessionId = created?.event.sessionId ?? ""
  const started = seen.find(({ event }) => event.type === "agent.started")?.event
  const runId = started?.type === "agent.started" ? started.data.runId : ""

  const aegis = await open({ stateDir })
  expect(markedProcesses(runId)).toEqual([])
  const entries = await until(aegis, sessionId, isType("agent.exited"))
  expect(entries.slice(0, seen.length).map(({ json }) => json)).toEqual(seen.map(({ json }) => json))
  expect(entries.slice(seen.length).map(({ type }) => type)).toEqual([
    "approval.resolved",
    "tool.ended",
    "turn.ended",
    "agent.exited",
  ])
  // Of the call that was on its way nobody can say what came of it.
  const call = seen.find(({ event }) => event.type === "tool.started")?.event.data
  expect(call).toHaveProperty("toolCallId")
  expect(entries.find(({ type }) => type === "tool.ended")?.event.data).toMatchObject({
    toolCallId: (call as { toolCallId: string }).toolCallId,
    status: "unknown",
  })
  expect(entries.find(({ type }) => type === "approval.resolved")?.event.data).toMatchObject({ status: "withdrawn" })
  expect(entries.find(({ type }) => type === "turn.ended")?.event.data).toMatchObject({
    error: { code: "agent_crashed" },
  })
  expect(entries.at(-1)?.event).toMatchObject({ status: "idle", data: { cause: "lost" } })

  await aegis.send(ada, sessionId, { content: [{ type: "text", text: script("say two") }] })
  const all = await until(aegis, sessionId, isType("turn.ended"), 2)
  expect(textOf(all)).toMatch(/^one.*two$/)
  const { seq, hash } = await aegis.getSession(sessionId)
  expect(rolledUp(all)).toBe(all.at(-1)?.event.hash)
  expect(all.at(-1)).toMatchObject({ seq, hash })
})

it("a prompt that was accepted a moment before the end is run after it", async () => {
  const stateDir = temporary("state")
  const seen = await runAndKill({
    ...{ stateDir, workDir: temporary("work"), prompt: script("say late") },
    at: isType("turn.requested"),
  })
  const aegis = await open({ stateDir })
  const sessionId = seen[0]?.event.sessionId ?? ""
  const entries = await until(aegis, sessionId, isType("turn.ended"))
  const ended = entries.at(-1)?.event
  // Killed before the agent had the prompt, it runs now; killed later, it is told as cut: once in either case.
  const wasCut = ended?.type === "turn.ended" && ended.data.error?.code === "agent_crashed"
  expect(wasCut ? "late" : textOf(entries)).toBe("late")
  expect(entries.filter(({ type }) => type === "turn.started").length).toBeLessThanOrEqual(1)
})

it("a session that is closed in order stops its agent, and goes on after the next start", async () => {
  const stateDir = temporary("state")
  const first = await open({ stateDir })
  const { session } = await first.createSession(ada, {
    workDir: temporary("work"),
    agent: "demo",
    permissionMode: "default",
    prompt: script("say one", "wait"),
  })
  await until(first, session.id, isType("message.delta"))
  await first.close()
  const second = await open({ stateDir })
  const entries = await until(second, session.id, isType("agent.exited"))
  expect(entries.at(-1)?.event.data).toMatchObject({ cause: "stopped" })
  await second.send(ada, session.id, { content: [{ type: "text", text: script("say two") }] })
  expect(textOf(await until(second, session.id, isType("turn.ended"), 2))).toBe("onetwo")
})

function rolledUp(entries: Awaited<ReturnType<typeof until>>) {
  const created = entries[0]?.event
  const salt = created?.type === "session.created" ? created.data.salt : ""
  return entries.reduce((hash, { json }) => nextHash(hash, splitEnvelope(json), salt), EMPTY_HASH)
}
