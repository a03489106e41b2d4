import { rmSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import type { AegisParts } from "../src/aegis-parts.ts"
import type { RoutineFields } from "../src/events.ts"
import type { Aegis, WorkByKey } from "../src/index.ts"
import { calendar } from "../src/node-calendar.ts"
import { RoutineBook, type RoutineBookParts } from "../src/routine-book.ts"
import { ada } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"
import { FakeClock } from "./fake-clock.ts"

const { open, temporary } = useAegis()

const ask = script("ask Go on? | yes | no")

function wish(more: Partial<RoutineFields> = {}): RoutineFields {
  const work = { prompt: script("say done"), workDir: temporary("work"), agent: "demo", permissionMode: "default" }
  const times = { cron: "0 * * * *", timeZone: "UTC", missedRun: "skip", overlap: "skip", enabled: true } as const
  return { name: "hourly", ...work, ...times, ...more }
}

async function openAt(now: string, options: Parameters<typeof open>[0] = {}) {
  const clock = new FakeClock(now)
  return { clock, aegis: await open({ clock, ...options }) }
}

/** Waits until a run is what it is expected to be. */
async function run(aegis: Aegis, routineId: string, number: number, status: string) {
  const find = async () =>
    (await aegis.routines.runs(routineId, { limit: 50 })).items.find((each) => each.run === number)
  await expect.poll(async () => (await find())?.status, { timeout: 10_000 }).toBe(status)
  const found = await find()
  if (!found) throw new Error(`There was a run ${number} a moment ago.`)
  return found
}

async function all(aegis: Aegis, routineId: string) {
  const { items } = await aegis.routines.runs(routineId, { limit: 50 })
  return items.map(({ run: number, status, cause, dueAt, reason }) =>
    [number, cause, dueAt.slice(11, 16), status, ...(reason === undefined ? [] : [reason])].join(" "),
  )
}

/** Lets the agent that asks go on. */
async function answer(aegis: Aegis, sessionId = "") {
  await until(aegis, sessionId, isType("question.asked"))
  await aegis.answer(ada, sessionId, { action: "decline" })
}

describe("a routine", () => {
  it("begins a session when its time has come, each time once, and says when the next one is", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const made = await aegis.routines.create(ada, wish({ labels: { of: "clock" } }))
    const { routineId } = made
    expect(made).toMatchObject({ name: "hourly", version: 1, nextRunAt: "2026-11-30T12:00:00.000Z", enabled: true })
    expect(made.lastRun).toBeUndefined()
    await expect.poll(() => clock.next).toBe("2026-11-30T12:00:00.000Z")
    clock.set("2026-11-30T11:59:59Z")
    expect(await all(aegis, routineId)).toEqual([])
    clock.set("2026-11-30T12:00:00Z")
    const { sessionId = "", ...first } = await run(aegis, routineId, 1, "completed")
    const at = "2026-11-30T12:00:00.000Z"
    expect(first).toEqual({ run: 1, cause: "clock", dueAt: at, startedAt: at, endedAt: at, status: "completed" })
    expect(await aegis.getSession(sessionId)).toMatchObject({
      name: "hourly / 1",
      status: "completed",
      owner: ada.owner,
      labels: { of: "clock" },
      routine: { routineId, run: 1 },
    })
    await expect.poll(() => clock.next).toBe("2026-11-30T13:00:00.000Z")
    clock.set("2026-11-30T13:00:20Z")
    await run(aegis, routineId, 2, "completed")
    expect(await all(aegis, routineId)).toEqual(["2 clock 13:00 completed", "1 clock 12:00 completed"])
    const { lastRun, nextRunAt } = await aegis.routines.get(routineId)
    expect([lastRun?.run, nextRunAt]).toEqual([2, "2026-11-30T14:00:00.000Z"])
    const sessions = await aegis.listSessions({ ...ada.owner, limit: 50 })
    expect(sessions).toHaveLength(2)
  })

  it.each([
    ["skip", ["2 clock 13:00 skipped Run 1 has not ended.", "1 clock 12:00 running"]],
    ["queue", ["3 clock 14:00 skipped Run 2 waits already.", "2 clock 13:00 waiting", "1 clock 12:00 running"]],
    ["parallel", ["2 clock 13:00 running", "1 clock 12:00 running"]],
  ] as const)("whose earlier run still works does as it says: %s", async (overlap, expected) => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const { routineId } = await aegis.routines.create(ada, wish({ overlap, prompt: ask }))
    for (const hour of Array.from({ length: expected.length }, (_, index) => 12 + index)) {
      await expect.poll(() => clock.next).toBe(`2026-11-30T${hour}:00:00.000Z`)
      clock.set(`2026-11-30T${hour}:00:00Z`)
    }
    await expect.poll(() => all(aegis, routineId)).toEqual(expected)
    await answer(aegis, (await run(aegis, routineId, 1, "running")).sessionId)
    await run(aegis, routineId, 1, "completed")
    if (overlap === "skip") return
    await answer(aegis, (await run(aegis, routineId, 2, "running")).sessionId)
    await run(aegis, routineId, 2, "completed")
  })

  it.each([
    ["skip", ["1 missed 15:00 skipped Its time was missed."]],
    ["once", ["1 missed 15:00 completed"]],
  ] as const)("that was not there at its times does as it says: %s", async (missedRun, expected) => {
    const stateDir = temporary("state")
    const before = await openAt("2026-11-30T11:30:00Z", { stateDir })
    const { routineId } = await before.aegis.routines.create(ada, wish({ missedRun }))
    await before.aegis.close()
    const { aegis, clock } = await openAt("2026-11-30T15:20:00Z", { stateDir })
    await expect.poll(() => all(aegis, routineId), { timeout: 10_000 }).toEqual(expected)
    const [only] = (await aegis.routines.runs(routineId, { limit: 2 })).items
    expect(only?.missed).toEqual({ from: "2026-11-30T12:00:00.000Z", count: 4 })
    await expect.poll(() => clock.next).toBe("2026-11-30T16:00:00.000Z")
  })

  it("that comes back within the minute is on time, and one that has begun goes on after a restart", async () => {
    const stateDir = temporary("state")
    const agentHost = "detached"
    const before = await openAt("2026-11-30T11:30:00Z", { stateDir, agentHost })
    const { routineId } = await before.aegis.routines.create(ada, wish({ prompt: ask }))
    await before.aegis.close()
    const during = await openAt("2026-11-30T12:00:59Z", { stateDir, agentHost })
    const { sessionId } = await run(during.aegis, routineId, 1, "running")
    await until(during.aegis, sessionId ?? "", isType("question.asked"))
    // Paused, it has a run that works all the same.
    const { routineId: _id, ...routine } = await during.aegis.routines.get(routineId)
    await during.aegis.routines.update(ada, routineId, { routine: { ...routine, enabled: false } })
    await during.aegis.close({ keepAgents: true })
    const { aegis } = await openAt("2026-11-30T12:30:00Z", { stateDir, agentHost })
    expect(await all(aegis, routineId)).toEqual(["1 clock 12:00 running"])
    await answer(aegis, sessionId)
    await run(aegis, routineId, 1, "completed")
  })

  it("holds its times while all work is stopped: they are missed then", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const { routineId } = await aegis.routines.create(ada, wish({ missedRun: "once" }))
    await expect.poll(() => clock.next).toBe("2026-11-30T12:00:00.000Z")
    await aegis.stopAll(ada, "Wait.")
    clock.set("2026-11-30T13:30:00Z")
    await expect(aegis.routines.run(ada, routineId)).rejects.toMatchObject({ code: "all-stopped" })
    expect(await all(aegis, routineId)).toEqual([])
    await aegis.liftStopAll(ada, "Go on.")
    await run(aegis, routineId, 1, "completed")
    expect(await all(aegis, routineId)).toEqual(["1 missed 13:00 completed"])
  })

  it("is run when somebody wants it, as far as there is room, and counted on their key", async () => {
    const { aegis } = await openAt("2026-11-30T11:30:00Z")
    const caller = { ...ada, actor: { kind: "key", id: "k1", via: "test" } } as const
    const { routineId } = await aegis.routines.create(caller, wish({ prompt: ask, enabled: false }))
    const other = { ...ada, actor: { kind: "key", id: "k2", via: "test" } } as const
    const idempotency = { key: "once", fingerprint: "run" }
    const asked = await aegis.routines.run({ ...other, idempotency }, routineId)
    expect(asked).toMatchObject({ run: 1, cause: "run", status: "running", dueAt: "2026-11-30T11:30:00.000Z" })
    expect(await aegis.routines.run({ ...other, idempotency }, routineId)).toEqual(asked)
    const seen = await until(aegis, asked.sessionId ?? "", isType("question.asked"))
    const requested = seen.find(({ event }) => event.type === "turn.requested")?.event
    expect(requested).toMatchObject({ actor: other.actor, data: { by: "ada", key: "k2" } })
    await expect(aegis.routines.run(other, routineId)).rejects.toMatchObject({
      code: "routine-busy",
      message: `Routine ${routineId}: Run 1 has not ended.`,
    })
    await answer(aegis, asked.sessionId)
    await run(aegis, routineId, 1, "completed")
    const { routine, ...mine } = { ...ada, routine: wish({ overlap: "queue", prompt: ask, enabled: false }) }
    await aegis.routines.update(mine, routineId, { routine })
    const second = await aegis.routines.run(other, routineId)
    expect((await aegis.routines.run(other, routineId)).status).toBe("waiting")
    await expect(aegis.routines.run(other, routineId)).rejects.toMatchObject({ code: "routine-busy" })
    await until(aegis, second.sessionId ?? "", isType("question.asked"))
    await aegis.interrupt(ada, second.sessionId ?? "")
    expect((await run(aegis, routineId, 2, "failed")).error?.code).toBe("cancelled")
    const left = await aegis.getSession(second.sessionId ?? "")
    expect(left).toMatchObject({ status: "idle", name: "hourly / 2" })
    const { workDir, agent, permissionMode, name } = left
    expect((await aegis.createSession(ada, { workDir, agent, permissionMode, name })).reused).toBe(false)
    await answer(aegis, (await run(aegis, routineId, 3, "running")).sessionId)
  })

  it("that is changed is another one from then on; what was due before is not lost", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const first = wish()
    const { routineId } = await aegis.routines.create(ada, first)
    await expect.poll(() => clock.next).toBe("2026-11-30T12:00:00.000Z")
    const routine = { ...first, cron: "15 * * * *", prompt: script("say other") }
    const changed = await aegis.routines.update(ada, routineId, { routine, ifVersion: 1 })
    expect(changed).toMatchObject({ version: 2, cron: "15 * * * *", nextRunAt: "2026-11-30T12:15:00.000Z" })
    await expect(aegis.routines.update(ada, routineId, { routine, ifVersion: 1 })).rejects.toMatchObject({
      code: "version-mismatch",
    })
    await expect.poll(() => clock.next).toBe("2026-11-30T12:15:00.000Z")
    clock.set("2026-11-30T12:15:00Z")
    const { sessionId = "" } = await run(aegis, routineId, 1, "completed")
    const { messages } = await aegis.readMessages(sessionId, { offset: 0, limit: 10 })
    expect(messages.map(({ text }) => text)).toContain("other")
    await expect.poll(() => clock.next).toBe("2026-11-30T13:15:00.000Z")

    await aegis.routines.update(ada, routineId, { routine: { ...routine, enabled: false } })
    const paused = await aegis.routines.get(routineId)
    expect([paused.enabled, paused.nextRunAt]).toEqual([false, undefined])
    await expect.poll(() => clock.next).toBeUndefined()
    clock.set("2026-11-30T14:30:00Z")
    await aegis.routines.update(ada, routineId, { routine })
    await expect.poll(() => clock.next).toBe("2026-11-30T15:15:00.000Z")
    expect(await all(aegis, routineId)).toEqual(["1 clock 12:15 completed"])
  })

  it("leaves a run for a time that has come while all work was stopped and its times were changed", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const routine = wish()
    const { routineId } = await aegis.routines.create(ada, routine)
    await aegis.stopAll(ada, "Wait.")
    clock.set("2026-11-30T12:10:00Z")
    await aegis.routines.update(ada, routineId, { routine: { ...routine, cron: "15 * * * *" } })
    expect(await all(aegis, routineId)).toEqual(["1 missed 12:00 skipped Its time was missed."])
  })

  it("that is deleted begins nothing more, and what works goes on and is done", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const { routineId } = await aegis.routines.create(ada, wish({ prompt: ask, overlap: "queue" }))
    const { sessionId = "" } = await aegis.routines.run(ada, routineId)
    await aegis.routines.run(ada, routineId)
    await expect(aegis.routines.delete(ada, routineId, { ifVersion: 7 })).rejects.toMatchObject({
      code: "version-mismatch",
    })
    await aegis.routines.delete(ada, routineId)
    for (const gone of [
      aegis.routines.get(routineId),
      aegis.routines.run(ada, routineId),
      aegis.routines.runs(routineId, { limit: 1 }),
    ])
      await expect(gone).rejects.toMatchObject({ code: "routine-not-found" })
    expect((await aegis.routines.list({ ...ada.owner, limit: 5 })).items).toEqual([])
    await expect.poll(() => clock.next).toBeUndefined()
    await answer(aegis, sessionId)
    await until(aegis, sessionId, isType("session.completed"))
    expect(await aegis.listSessions({ ...ada.owner, limit: 50 })).toHaveLength(1)
  })

  it("whose session cannot be begun has a run that has failed, and tries again at its next time", async () => {
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z")
    const workDir = temporary("work")
    const { routineId } = await aegis.routines.create(ada, wish({ workDir }))
    rmSync(workDir, { recursive: true })
    writeFileSync(workDir, "")
    await expect.poll(() => clock.next).toBe("2026-11-30T12:00:00.000Z")
    clock.set("2026-11-30T12:00:00Z")
    const failed = await run(aegis, routineId, 1, "failed")
    expect([failed.error?.code, failed.sessionId]).toEqual(["workdir-invalid", undefined])
    await expect(aegis.routines.run(ada, routineId)).rejects.toMatchObject({ code: "workdir-invalid" })
    expect(await all(aegis, routineId)).toHaveLength(1)
    await expect.poll(() => clock.next).toBe("2026-11-30T13:00:00.000Z")
  })

  it("begins nothing with a key that may not any more, and says so in the run", async () => {
    const refused = new Map([["k1", "Key k1 was revoked."]])
    const asked: WorkByKey[] = []
    const refuseKey = async (work: WorkByKey) => {
      asked.push(work)
      return refused.get(work.key ?? "")
    }
    const { aegis, clock } = await openAt("2026-11-30T11:30:00Z", { refuseKey })
    const caller = { ...ada, actor: { kind: "key", id: "k1", via: "test" } } as const
    const { routineId } = await aegis.routines.create(caller, wish({ permissionMode: "plan" }))
    await expect.poll(() => clock.next).toBe("2026-11-30T12:00:00.000Z")
    clock.set("2026-11-30T12:00:00Z")
    const failed = await run(aegis, routineId, 1, "failed")
    expect(failed.error).toEqual({ code: "key-refused", message: "Key k1 was revoked." })
    expect(asked).toEqual([{ key: "k1", kind: "routine", permissionMode: "plan" }])
    expect(await aegis.listSessions({ ...ada.owner, limit: 50 })).toEqual([])
  })

  it.each([
    ["a cron that never comes", { cron: "0 0 31 2 *" }, "cron-invalid", /never comes/],
    ["a zone that there is not", { timeZone: "Mars/Base" }, "time-zone-unknown", /no time zone "Mars\/Base"/],
    ["an agent that there is not", { agent: "nobody" }, "agent-unknown", /nobody/],
  ])("is refused with %s", async (_, more, code, message) => {
    const { aegis } = await openAt("2026-11-30T11:30:00Z")
    const expected = { code, message: expect.stringMatching(message) }
    await expect(aegis.routines.create(ada, wish(more))).rejects.toMatchObject(expected)
    const { routineId } = await aegis.routines.create(ada, wish())
    await expect(aegis.routines.update(ada, routineId, { routine: wish(more) })).rejects.toMatchObject(expected)
    expect((await aegis.routines.get(routineId)).version).toBe(1)
  })

  it("is listed with its owner's, newest first; its runs by how they have ended", async () => {
    const { aegis } = await openAt("2026-11-30T11:30:00Z")
    for (const name of ["one", "two", "three"])
      await aegis.routines.create(ada, wish({ name, enabled: name !== "two" }))
    const first = await aegis.routines.list({ ...ada.owner, limit: 2 })
    expect(first.items.map(({ name }) => name)).toEqual(["three", "two"])
    const rest = await aegis.routines.list({ ...ada.owner, limit: 2, after: first.next })
    expect([rest.items.map(({ name }) => name), rest.next]).toEqual([["one"], undefined])
    expect((await aegis.routines.list({ tenantId: "other", limit: 2 })).items).toEqual([])
    const routineId = rest.items[0]?.routineId ?? ""
    for (const number of [1, 2, 3]) {
      await aegis.routines.run(ada, routineId)
      await run(aegis, routineId, number, "completed")
    }
    const page = await aegis.routines.runs(routineId, { limit: 2, status: "completed" })
    expect(page.items.map((each) => each.run)).toEqual([3, 2])
    expect(
      (await aegis.routines.runs(routineId, { limit: 2, after: page.next })).items.map((each) => each.run),
    ).toEqual([1])
    expect((await aegis.routines.runs(routineId, { limit: 2, status: "failed" })).items).toEqual([])
  })

  it("is one of 1,000 at most", async () => {
    const routine = wish()
    const log = { rows: async () => Array.from({ length: 1000 }) }
    const parts = { calendar, log, now: () => new Date() } as unknown as AegisParts
    const book = new RoutineBook(parts, { maker: { check: async () => routine } } as unknown as RoutineBookParts)
    await expect(book.create(ada, routine)).rejects.toMatchObject({ code: "too-many-routines" })
  })
})
