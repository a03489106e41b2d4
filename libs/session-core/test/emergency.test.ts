import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { OpenedAegis } from "../src/node.ts"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"
import { fill } from "./full-disk.ts"

const { open, temporary } = useAegis()
const settings = { fullDiskRetryMs: 5, deliveryWaitMs: 10 }
const everything = () => true

async function asking(aegis: OpenedAegis, ...lines: string[]) {
  const workDir = temporary("work")
  const { session } = await aegis.createSession(ada, demo(workDir, script("write a.txt 1", ...lines)))
  const entries = await until(aegis, session.id, isType("approval.requested"))
  const runId = entries.flatMap(({ event }) => (event.type === "agent.started" ? [event.data.runId] : []))[0] ?? "?"
  return { sessionId: session.id, workDir, runId }
}

it("a kill ends the agent at once when the log is full, is on disk, and is in the log when there is room", async () => {
  const stateDir = temporary("state")
  const aegis = await open({ stateDir, settings })
  const { sessionId, runId } = await asking(aegis)
  const disk = fill(aegis, everything)
  expect(await aegis.kill(ada, sessionId, "Enough.")).toMatchObject({ durable: "emergency" })
  await expect.poll(() => markedProcesses(runId)).toEqual([])
  expect(readFileSync(join(stateDir, "emergency"), "utf8")).toContain("Enough.")
  disk.free()
  const entries = await until(aegis, sessionId, isType("agent.exited"))
  expect(entries.find(({ type }) => type === "session.killed")?.event).toMatchObject({
    actor: ada.actor,
    data: { reason: "Enough." },
  })
  expect((await aegis.getSession(sessionId)).durable).toBeUndefined()
  expect(readFileSync(join(stateDir, "emergency"), "utf8").replaceAll("\0", "")).toBe("")
})

it("a kill of several ends their agents as well, and answers for each", async () => {
  const aegis = await open({ settings })
  const [one, two] = [await asking(aegis), await asking(aegis)]
  const disk = fill(aegis, everything)
  const ended = await aegis.killAll(ada, [one.sessionId, two.sessionId])
  expect(ended).toMatchObject([one, two].map(({ sessionId: id }) => ({ id, session: { durable: "emergency" } })))
  for (const { runId } of [one, two]) await expect.poll(() => markedProcesses(runId)).toEqual([])
  disk.free()
  for (const { sessionId } of [one, two]) await until(aegis, sessionId, isType("agent.exited"))
  expect(await aegis.killAll(ada, [one.sessionId])).toMatchObject([{ session: { status: "killed" } }])
})

it("a no is told to the agent at once, once, and nobody can say yes before it is in the log", async () => {
  const aegis = await open({ settings })
  const { sessionId, workDir } = await asking(aegis, "say Then not.")
  const disk = fill(aegis, everything)
  const rejected = await aegis.vote(ada, sessionId, { choice: "reject", reason: "no" })
  expect(rejected).toMatchObject({ status: "rejected", durable: "emergency" })
  await expect(aegis.vote(bo, sessionId, { choice: "approve" })).rejects.toMatchObject({ code: "storage-full" })
  disk.free()
  await expect(aegis.vote(bo, sessionId, { choice: "approve", approvalId: rejected.approvalId })).rejects.toMatchObject(
    { code: "approval-consumed" },
  )
  const entries = await until(aegis, sessionId, isType("turn.ended"))
  expect(textOf(entries)).toContain("Then not.")
  expect(existsSync(join(workDir, "a.txt"))).toBe(false)
  expect(entries.filter(({ type }) => type === "approval.resolved").map(({ event }) => event.data)).toMatchObject([
    { status: "rejected", reason: "no" },
  ])
})

it("what was kept is merged by the next life, before it does anything else", async () => {
  const stateDir = temporary("state")
  const first = await open({ stateDir, settings })
  const { sessionId } = await asking(first)
  await first.send(ada, sessionId, { content: [{ type: "text", text: script("say Never.") }] })
  fill(first, everything)
  await first.kill(ada, sessionId)
  await first.close()
  const second = await open({ stateDir, settings })
  const entries = await until(second, sessionId, isType("session.killed"))
  expect(textOf(entries)).toBe("")
  expect(await second.getSession(sessionId)).toMatchObject({ status: "killed", queuedPrompts: 0 })
})

it("what makes no sense is refused as ever, full or not", async () => {
  const aegis = await open({ settings })
  const { sessionId } = await asking(aegis)
  const disk = fill(aegis, everything)
  await expect(aegis.kill(ada, "none")).rejects.toMatchObject({ code: "session-not-found" })
  await expect(aegis.vote(ada, sessionId, { choice: "reject", digest: "0".repeat(64) })).rejects.toMatchObject({
    code: "digest-mismatch",
  })
  disk.free()
})
