import { expect, it } from "vitest"
import type { OpenedAegis } from "../src/node.ts"
import { ada } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"
import { fill } from "./full-disk.ts"

const { open, temporary } = useAegis()
const settings = { fullDiskRetryMs: 5 }

it("a disk that is full in the middle of a turn holds it up, and with room it ends, by the same agent and in full", async () => {
  const aegis = await open({ settings })
  const { id: sessionId } = await create(aegis)
  const disk = fill(aegis, (type) => type === "message.delta")
  await send(aegis, sessionId, script("say one", "say two"))
  await disk.refused(3)
  disk.free()
  const entries = await until(aegis, sessionId, isType("turn.ended"))
  expect(textOf(entries)).toBe("onetwo")
  expect(entries.filter(({ type }) => type === "agent.started")).toHaveLength(1)
  expect(entries.at(-1)?.event.data).toMatchObject({ stopReason: "end_turn" })
})

it("what a person asks of a full disk is refused at once", async () => {
  const aegis = await open({ settings })
  const { id: sessionId } = await create(aegis)
  const disk = fill(aegis, () => true)
  await expect(send(aegis, sessionId, "hello")).rejects.toMatchObject({ code: "storage-full" })
  disk.free()
  expect(await send(aegis, sessionId, script("say yes"))).toMatchObject({ queued: false })
})

it.each(["agent.started", "turn.started", "agent.exited"])(
  "a disk that is full at %s makes no second agent and leaves none over",
  async (moment) => {
    const aegis = await open({ settings })
    const disk = fill(aegis, (type) => type === moment)
    const { id: sessionId } = await create(aegis, false)
    const sent = send(aegis, sessionId, script("say one", ...(moment === "agent.exited" ? ["exit 1"] : [])))
    await disk.refused(2)
    disk.free()
    await sent
    const entries = await until(aegis, sessionId, isType("turn.ended"))
    const runs = entries.flatMap(({ event }) => (event.type === "agent.started" ? [event.data.runId] : []))
    expect(runs).toHaveLength(1)
    await aegis.kill(ada, sessionId)
    await until(aegis, sessionId, isType("agent.exited"))
    expect(markedProcesses(runs[0] ?? "?")).toEqual([])
  },
)

it("a core whose disk stays full can be closed", async () => {
  const aegis = await open({ settings })
  const { id: sessionId } = await create(aegis)
  const disk = fill(aegis, (type) => type === "message.delta" || type === "agent.exited")
  await send(aegis, sessionId, script("say one", "say two"))
  await disk.refused(2)
  await aegis.close()
})

async function create(aegis: OpenedAegis, isReady = true) {
  const input = { workDir: temporary("work"), agent: "demo", permissionMode: "default", reuse: false }
  const { session } = await aegis.createSession(ada, input)
  if (isReady) await until(aegis, session.id, isType("session.ready"))
  return session
}

function send(aegis: OpenedAegis, sessionId: string, text: string) {
  return aegis.send(ada, sessionId, { content: [{ type: "text", text }] })
}
