import { describe, expect, it } from "vitest"
import type { OpenedAegis } from "../src/node.ts"
import { ada, demo, demoArgs, text } from "./aegis-callers.ts"
import { isType, markedProcesses, script, textOf, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

function processesOf(entries: Awaited<ReturnType<typeof until>>) {
  return entries.flatMap(({ event }) => (event.type === "agent.started" ? markedProcesses(event.data.runId) : []))
}

describe("a session with nothing to do", () => {
  it("gives its process back after a while, stays idle, and goes on where it was with the next prompt", async () => {
    const aegis = await open({ settings: { parkAfterMs: 50 } })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), script("say One.")))
    const parked = await until(aegis, session.id, isType("agent.exited"))
    expect(await aegis.getSession(session.id)).toMatchObject({ status: "idle", parked: true })
    expect(processesOf(parked)).toEqual([])
    await aegis.send(ada, session.id, text(script("say Two.")))
    const entries = await until(aegis, session.id, isType("turn.ended"), 2)
    expect(textOf(entries)).toBe("One.Two.")
    expect(entries.map(({ type }) => type)).toContain("session.woken")
    expect(entries.map(({ type }) => type)).not.toContain("session.recovered")
    const restored = entries.flatMap(({ event }) => (event.type === "session.ready" ? [event.data.restored] : []))
    expect(restored).toEqual(["new", "resumed"])
    expect((await aegis.getSession(session.id)).failure).toBeUndefined()
  })

  it("keeps its process when its agent cannot come back to what it knew", async () => {
    const command = { command: process.execPath, args: demoArgs("--no-resume", "--no-load") }
    const aegis = await open({ agents: { forgetful: command }, settings: { parkAfterMs: 20, maxAgentProcesses: 1 } })
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, { ...demo(workDir, script("say One.")), agent: "forgetful" })
    await until(aegis, session.id, isType("turn.ended"))
    const other = await aegis.createSession(ada, demo(temporary("work")))
    await until(aegis, other.session.id, isType("session.waiting"))
    expect(await aegis.getSession(session.id)).toMatchObject({ parked: false })
    await aegis.kill(ada, session.id)
    await until(aegis, other.session.id, isType("session.ready"))
  })
})

describe("more sessions than there may be processes", () => {
  it("all answer: those with nothing to do give way to those that wait, who say so meanwhile", async () => {
    const aegis = await open({ settings: { maxAgentProcesses: 2 } })
    const workDir = temporary("work")
    const created = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        aegis.createSession(ada, { ...demo(workDir, script(`say I am ${n}.`)), reuse: false }),
      ),
    )
    const ended = await Promise.all(created.map(({ session }) => until(aegis, session.id, isType("turn.ended"))))
    expect(ended.map(textOf)).toEqual(created.map((_, n) => `I am ${n}.`))
    expect(ended.filter((entries) => entries.some(({ type }) => type === "session.waiting")).length).toBeGreaterThan(3)
    expect(await mostAtOnce(aegis)).toBe(2)
    await Promise.all(created.map(({ session }) => aegis.send(ada, session.id, text(script("say Again.")))))
    const again = await Promise.all(created.map(({ session }) => until(aegis, session.id, isType("turn.ended"), 2)))
    expect(again.map(textOf)).toEqual(created.map((_, n) => `I am ${n}.Again.`))
    expect(await mostAtOnce(aegis)).toBe(2)
  })

  it("wait in the order in which they came, and one that is killed does not hold up the others", async () => {
    const aegis = await open({ settings: { maxAgentProcesses: 1, deliveryWaitMs: 10 } })
    const busy = await aegis.createSession(ada, demo(temporary("busy"), script("write a.txt 1")))
    await until(aegis, busy.session.id, isType("approval.requested"))
    const waiting: string[] = []
    for (const name of ["first", "second", "third"]) {
      const { session } = await aegis.createSession(ada, demo(temporary(name), script(`say ${name}`)))
      await until(aegis, session.id, isType("session.waiting"))
      waiting.push(session.id)
    }
    const [first = "", second = "", third = ""] = waiting
    expect(await aegis.getSession(first)).toMatchObject({ status: "pending", waiting: { limit: 1 }, queuedPrompts: 1 })
    await aegis.kill(ada, second)
    await aegis.vote(ada, busy.session.id, { choice: "approve" })
    const [one, three] = await Promise.all(
      [first, third].map(async (id) => (await until(aegis, id, isType("turn.ended"))).at(-1)?.seq ?? 0),
    )
    expect(one).toBeLessThan(three ?? 0)
    expect((await aegis.getSession(first)).waiting).toBeUndefined()
    expect((await until(aegis, second, isType("session.killed"))).map(({ type }) => type)).not.toContain(
      "agent.started",
    )
  })
})

/** The most agents that ran at the same time, by the log. */
async function mostAtOnce(aegis: OpenedAegis) {
  let now = 0
  let most = 0
  for (let after = 0; after < aegis.head(); ) {
    const page = await aegis.readEvents({ after, limit: 1000 })
    for (const { type } of page) {
      now += type === "agent.started" ? 1 : type === "agent.exited" ? -1 : 0
      most = Math.max(most, now)
    }
    after = page.at(-1)?.seq ?? after + 1
  }
  return most
}
