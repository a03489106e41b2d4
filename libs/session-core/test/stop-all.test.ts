import { existsSync } from "node:fs"
import { join } from "node:path"
import { openSqliteLog } from "@aegis/event-log/sqlite"
import { describe, expect, it } from "vitest"
import { decideSystem } from "../src/decide-system.ts"
import { type AegisEvent, isSystemEvent, SYSTEM_STREAM } from "../src/events.ts"
import type { OpenedAegis } from "../src/node.ts"
import { SessionError } from "../src/session-error.ts"
import { sessionModels, systemFold } from "../src/session-models.ts"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"
import { fill } from "./full-disk.ts"

const { open, temporary } = useAegis()
const settings = { fullDiskRetryMs: 5, interruptGraceMs: 2000 }
const text = (...lines: string[]) => ({ content: [{ type: "text", text: script(...lines) }] })

/** Three sessions: one waits for a yes, one for an answer, one has something to do for a long time. */
async function busy(aegis: OpenedAegis) {
  const workDir = temporary("work")
  const prompts = [script("write a.txt 1"), script("ask Which? | One | Two"), script("say Hm.", "wait")]
  const ids: string[] = []
  for (const prompt of prompts)
    ids.push((await aegis.createSession(ada, demo(workDir, prompt, { reuse: false }))).session.id)
  const [approving = "", asking = "", working = ""] = ids
  await until(aegis, approving, isType("approval.requested"))
  await until(aegis, asking, isType("question.asked"))
  await until(aegis, working, isType("message.delta"))
  return { workDir, approving, asking, working, ids }
}

/** What the system's own stream says, in order. */
async function systemEvents(aegis: OpenedAegis) {
  const entries = await aegis.readEvents({ stream: SYSTEM_STREAM })
  return entries.map(({ event }) => event).filter(isSystemEvent)
}

describe("all work that is stopped", () => {
  it("is interrupted, what it waited for is withdrawn, and who did it and why is told", async () => {
    const aegis = await open({ settings })
    const { workDir, approving, asking, ids } = await busy(aegis)
    const stop = await aegis.stopAll(ada, "Smoke.")
    expect(stop).toMatchObject({ by: ada.actor, reason: "Smoke." })
    for (const id of ids) {
      const entries = await until(aegis, id, isType("turn.ended"))
      expect(entries.at(-1)?.event).toMatchObject({ status: "idle", data: { stopReason: "cancelled" } })
      expect(entries.find(isOf("turn.cancel_requested"))?.event).toMatchObject({
        actor: ada.actor,
        data: { reason: "Smoke." },
      })
      expect(await aegis.getSession(id)).toMatchObject({ stop: { reason: "Smoke." } })
    }
    expect(await aegis.listApprovals({ sessionId: approving })).toMatchObject([
      { status: "withdrawn", decidedBy: ada.actor, reason: "Smoke." },
    ])
    expect((await until(aegis, asking, isType("question.answered"))).at(-1)?.event.data).toMatchObject({
      action: "withdrawn",
    })
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    expect(await systemEvents(aegis)).toMatchObject([
      { type: "system.opened", data: { salt: expect.stringMatching(/^[0-9a-f]{32}$/) } },
      { type: "system.stopped", actor: ada.actor, data: { reason: "Smoke." } },
    ])
  })

  it("takes prompts, says why they wait, and runs each once when it goes on, also after a restart", async () => {
    const stateDir = temporary("state")
    const first = await open({ stateDir, settings })
    const { session } = await first.createSession(ada, demo(temporary("work"), script("say zero")))
    await until(first, session.id, isType("turn.ended"))
    await first.stopAll(ada, "Smoke.")
    expect(await first.send(ada, session.id, text("say one"))).toMatchObject({
      delivered: false,
      queued: true,
      stop: { by: ada.actor, reason: "Smoke." },
    })
    const created = await first.createSession(ada, demo(temporary("work"), script("say new")))
    expect([created.session.status, created.promptDelivery?.delivered]).toEqual(["pending", false])
    await first.close()

    const second = await open({ stateDir, settings })
    expect(await second.currentStop()).toMatchObject({ by: ada.actor, reason: "Smoke." })
    await second.send(ada, session.id, text("say two"))
    expect(await second.getSession(session.id)).toMatchObject({ status: "idle", queuedPrompts: 2 })
    await second.liftStopAll(bo)
    expect(textOf(await until(second, session.id, isType("turn.ended"), 3))).toBe("zeroonetwo")
    expect(textOf(await until(second, created.session.id, isType("turn.ended")))).toBe("new")
    const lifted = (await systemEvents(second)).at(-1)
    expect(lifted).toMatchObject({ type: "system.resumed", actor: bo.actor })
    const later = (await until(second, session.id, isType("turn.started"), 2)).at(-1)
    expect(later?.seq).toBeGreaterThan((await second.log.streamHead(SYSTEM_STREAM))?.seq ?? Infinity)
    expect((await second.getSession(session.id)).stop).toBeUndefined()
  })

  it("is what it was when it is stopped again, and lifting what is not stopped is fine", async () => {
    const aegis = await open({ settings })
    await aegis.liftStopAll(ada)
    const first = await aegis.stopAll(ada, "Smoke.")
    expect(await aegis.stopAll(bo, "Fire.")).toEqual(first)
    await aegis.liftStopAll(ada)
    await aegis.liftStopAll(ada)
    expect((await systemEvents(aegis)).map(({ type }) => type)).toEqual([
      "system.opened",
      "system.stopped",
      "system.resumed",
    ])
  })

  it("begins no prompt that was accepted at the same moment", async () => {
    const aegis = await open({ settings })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("say one")))
    await until(aegis, session.id, isType("turn.ended"))
    const append = aegis.log.append.bind(aegis.log)
    let stopping: Promise<unknown> | undefined
    // The prompt is decided on, and before it is written all work is stopped.
    aegis.log.append = async (request) => {
      if (!stopping && request.events.some(({ event }) => event.type === "turn.requested")) {
        const after = aegis.head()
        stopping = aegis.stopAll(ada, "Smoke.")
        for await (const page of aegis.tail({ after })) if (page.some(isOf("system.stopped"))) break
      }
      return append(request)
    }
    expect(await aegis.send(ada, session.id, text("say two"))).toMatchObject({
      queued: true,
      stop: { reason: "Smoke." },
    })
    await stopping
    const { turnId } = await aegis.getSession(session.id)
    expect([stopping === undefined, turnId]).toEqual([false, undefined])
    await aegis.liftStopAll(ada)
    expect(textOf(await until(aegis, session.id, isType("turn.ended"), 2))).toBe("onetwo")
  })

  it("approves nothing, whoever is first; rejecting and killing work", async () => {
    const aegis = await open({ settings })
    const workDir = temporary("work")
    for (let round = 0; round < 5; round++) {
      const prompt = script(`write ${round}.txt 1`)
      const { session } = await aegis.createSession(ada, demo(workDir, prompt, { reuse: false }))
      await until(aegis, session.id, isType("approval.requested"))
      const approving = aegis.vote(ada, session.id, { choice: "approve" }).then(
        () => "approved",
        (error: { readonly code: string }) => error.code,
      )
      await aegis.stopAll(ada)
      const said = await approving
      const entries = await until(aegis, session.id, isType("turn.ended"))
      const resolved = entries.find(isOf("approval.resolved"))
      const stoppedAt = (await aegis.log.streamHead(SYSTEM_STREAM))?.seq ?? 0
      if (said === "approved") expect(resolved?.seq).toBeLessThan(stoppedAt)
      else expect(["all-stopped", "approval-not-found", "session-ended"]).toContain(said)
      expect((await aegis.kill(ada, session.id)).status).toBe("killed")
      await aegis.liftStopAll(ada)
    }
  })

  it("is interrupted by the next life where this one ended in between, and gets nothing meanwhile", async () => {
    const stateDir = temporary("state")
    const first = await open({ stateDir, settings, agentHost: "detached" })
    const { ids } = await busy(first)
    await first.close({ keepAgents: true })
    await stopOnly(stateDir)

    const second = await open({ stateDir, settings, agentHost: "detached" })
    for (const id of ids) {
      const entries = await until(second, id, isType("turn.ended"))
      expect(entries.at(-1)?.event.data).toMatchObject({ stopReason: "cancelled" })
      expect(entries.filter(isOf("turn.cancel_requested"))).toHaveLength(1)
    }
  })
})

describe("a stop when the log is full", () => {
  it("is on disk beside it, acts at once, and is in the log when there is room", async () => {
    const aegis = await open({ settings: { ...settings, interruptGraceMs: 50 } })
    const { approving, working, workDir } = await busy(aegis)
    const started = (await until(aegis, working, isType("agent.started"))).at(-1)?.event.data
    const disk = fill(aegis, () => true)
    expect(await aegis.stopAll(ada, "Smoke.")).toMatchObject({ durable: "emergency", reason: "Smoke." })
    // It cannot be heard to have obeyed, so that it is stopped after the grace.
    await expect.poll(() => markedProcesses((started as { runId: string }).runId), { timeout: 10_000 }).toEqual([])
    expect(await aegis.currentStop()).toMatchObject({ by: ada.actor, reason: "Smoke." })
    disk.free()
    await expect(aegis.vote(ada, approving, { choice: "approve" })).rejects.toMatchObject({ code: "all-stopped" })
    for (const id of [approving, working])
      expect((await until(aegis, id, isType("turn.ended"))).at(-1)?.event.data).toMatchObject({
        stopReason: "cancelled",
      })
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    expect((await systemEvents(aegis)).map(({ type }) => type)).toEqual(["system.opened", "system.stopped"])
    expect(await aegis.stopAll(ada)).not.toHaveProperty("durable")
  })

  it("holds in the next life, which merges it before it does anything else", async () => {
    const stateDir = temporary("state")
    const first = await open({ stateDir, settings })
    const { session } = await first.createSession(ada, demo(temporary("work"), script("say one", "wait")))
    await until(first, session.id, isType("message.delta"))
    await first.send(ada, session.id, text("say Never."))
    fill(first, () => true)
    await first.stopAll(ada, "Smoke.")
    await first.close()

    const second = await open({ stateDir, settings })
    expect(await second.currentStop()).toMatchObject({ reason: "Smoke." })
    expect((await second.log.fold(systemFold, SYSTEM_STREAM)).state?.stop).toMatchObject({ reason: "Smoke." })
    expect(await second.getSession(session.id)).toMatchObject({ queuedPrompts: 1 })
    await second.liftStopAll(ada)
    expect(textOf(await until(second, session.id, isType("turn.ended"), 2))).toBe("oneNever.")
  })
})

/** The intent alone, as a core leaves it that ends before it has done anything about it. */
async function stopOnly(stateDir: string) {
  const log = await openSqliteLog<AegisEvent>({ path: join(stateDir, "aegis.db"), models: sessionModels })
  const envelope = { at: new Date().toISOString(), actor: ada.actor }
  const events = decideSystem(undefined, { ...envelope, type: "stop-all", reason: "Smoke.", salt: "00".repeat(16) })
  if (SessionError.is(events)) throw events
  await log.append({ events: events.map((event) => ({ stream: SYSTEM_STREAM, event })) })
  await log.close()
}

function isOf(type: string) {
  return (entry: { readonly type: string }) => entry.type === type
}
