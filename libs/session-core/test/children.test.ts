import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import type { Aegis, Caller } from "../src/index.ts"
import { ada, bo, demo } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()

/** A session, and how its children are made. */
async function parentIn(aegis: Aegis, options: Parameters<typeof demo>[2] = {}) {
  const workDir = temporary("work")
  const { session } = await aegis.createSession(ada, demo(workDir, undefined, options))
  const child = (wish: Parameters<typeof demo>[2] = {}, caller: Caller = ada) =>
    aegis.createSession(caller, demo(workDir, undefined, { parentId: session.id, ...wish }))
  return { session, workDir, child }
}

describe("a child", () => {
  it("says whose it is, has its parent's labels, and works in its parent's folder or below", async () => {
    const aegis = await open()
    const { session, workDir, child } = await parentIn(aegis, { labels: { team: "web" } })
    mkdirSync(join(workDir, "docs"))
    const { session: made } = await child({ workDir: join(workDir, "docs") })
    expect(made).toMatchObject({ parentId: session.id, labels: { team: "web" }, status: expect.any(String) })
    expect(await aegis.ownerOf(made.id)).toEqual({ ...ada.owner, parentId: session.id })
    expect(await aegis.ownerOf(session.id)).toEqual(ada.owner)
    const children = await aegis.listSessions({ tenantId: "home", parentId: session.id, limit: 10 })
    expect(children.map(({ sessionId }) => sessionId)).toEqual([made.id])
    const counts = await aegis.metrics.byStatus({ tenantId: "home", parentId: session.id })
    expect(Object.values(counts)).toEqual([1])
  })

  it("asks no less than its parent: not by its mode, and not by its labels", async () => {
    const aegis = await open()
    const { child } = await parentIn(aegis, { labels: { team: "web" }, permissionMode: "acceptEdits" })
    const refused = { code: "child-asks-less" }
    await expect(child({ permissionMode: "bypassPermissions" })).rejects.toMatchObject(refused)
    for (const labels of [{}, { team: "core" }, { team: "web", trusted: "yes" }, { other: "web" }])
      await expect(child({ labels })).rejects.toMatchObject(refused)
    for (const permissionMode of ["acceptEdits", "default", "plan"])
      expect((await child({ permissionMode, labels: { team: "web" } })).session).toMatchObject({ permissionMode })
  })

  it("is reused with its parent's labels and rules, whether they are said again or not", async () => {
    const aegis = await open()
    const labels = { team: "web" }
    const document = PolicySchema.parse({
      version: 1,
      rules: [{ id: "a", match: { kind: "fetch" }, decision: "deny" }],
    })
    const { child } = await parentIn(aegis, { labels, policy: { document, mayLoosen: false } })
    const { session } = await child()
    await until(aegis, session.id, isType("session.ready"))
    for (const wish of [{}, { labels }])
      expect(await child(wish)).toMatchObject({ reused: true, session: { id: session.id, labels } })
    await expect(child({ labels: { team: "core" } })).rejects.toMatchObject({ code: "child-asks-less" })
  })

  it("does not leave its parent's folder, by no link either", async () => {
    const aegis = await open()
    const { workDir, child } = await parentIn(aegis)
    const elsewhere = temporary("elsewhere")
    symlinkSync(elsewhere, join(workDir, "link"))
    for (const place of [elsewhere, join(workDir, ".."), join(workDir, "link"), `${workDir}/../`])
      await expect(child({ workDir: place })).rejects.toMatchObject({ code: "child-outside" })
  })

  it("has a living parent", async () => {
    const aegis = await open()
    const { session, child } = await parentIn(aegis)
    await aegis.kill(ada, session.id)
    await expect(child()).rejects.toMatchObject({ code: "session-ended" })
    await expect(child({ parentId: "no-such" })).rejects.toMatchObject({ code: "session-not-found" })
  })

  it("is one of twenty at most that live, also when all are wanted at once", async () => {
    const aegis = await open({ settings: { maxAgentProcesses: 1 } })
    const { child } = await parentIn(aegis)
    const made = await Promise.allSettled(Array.from({ length: 25 }, () => child({ reuse: false })))
    const first = made.find((each) => each.status === "fulfilled")
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(20)
    for (const each of made.filter(({ status }) => status === "rejected"))
      expect(each).toMatchObject({ reason: { code: "too-many-children" } })
    if (first === undefined) return
    await aegis.kill(ada, first.value.session.id)
    expect((await child({ reuse: false })).session.parentId).toBeDefined()
    await expect(child({ reuse: false })).rejects.toMatchObject({ code: "too-many-children" })
  })

  it("is three generations away from what a person began, and no further", async () => {
    const aegis = await open({ settings: { maxAgentProcesses: 1 } })
    const { session, child } = await parentIn(aegis)
    let parentId = session.id
    for (let generation = 1; generation <= 3; generation++) parentId = (await child({ parentId })).session.id
    await expect(child({ parentId })).rejects.toMatchObject({ code: "child-too-deep" })
  })

  it("is used again by its parent, and by nobody else; and its parent uses no other session", async () => {
    const aegis = await open()
    const { session, workDir, child } = await parentIn(aegis)
    await until(aegis, session.id, isType("session.ready"))
    const made = await child()
    expect(made).toMatchObject({ reused: false })
    await until(aegis, made.session.id, isType("session.ready"))
    expect(await child()).toMatchObject({ reused: true, session: { id: made.session.id } })
    expect(await aegis.createSession(ada, demo(workDir))).toMatchObject({ reused: true, session: { id: session.id } })
  })
})

describe("an agent that has another one work", () => {
  it("has it counted on the key that its own work is for", async () => {
    const aegis = await open()
    const key: Caller = { ...ada, actor: { kind: "key", id: "k1", via: "rest" } }
    const { session, workDir } = await parentIn(aegis)
    await aegis.send(key, session.id, { content: [{ type: "text", text: script("say hi") }] })
    const agent: Caller = {
      ...ada,
      actor: { kind: "key", id: `agent:${session.id}`, via: "rest" },
      agentOf: session.id,
    }
    const child = await aegis.createSession(agent, demo(workDir, script("say hi"), { parentId: session.id }))
    const requested = (await until(aegis, child.session.id, isType("turn.requested"))).at(-1)
    expect(requested?.event).toMatchObject({ actor: agent.actor, data: { key: "k1", by: "ada" } })
  })
})

describe("the living run of a session", () => {
  it("is there from its agent's start until the session or the process ends", async () => {
    const aegis = await open()
    const { session } = await aegis.createSession(bo, demo(temporary("work")))
    const [started] = (await until(aegis, session.id, isType("agent.started"))).slice(-1)
    if (started?.event.type !== "agent.started") throw new Error("No agent was started.")
    const { runId } = started.event.data
    expect(await aegis.livingRun(session.id)).toEqual({ runId, owner: bo.owner })
    await aegis.kill(bo, session.id)
    expect(await aegis.livingRun(session.id)).toBeUndefined()
    expect(await aegis.livingRun("no-such")).toBeUndefined()
  })

  it("is named to whoever adds to its agent's environment, and nothing that a configuration says stands before it", async () => {
    const named: unknown[] = []
    const own = { command: process.execPath, args: ["-e", "console.error('key', process.env.AEGIS_AGENT_KEY)"] }
    const aegis = await open({
      agents: { own: { ...own, env: { AEGIS_AGENT_KEY: "of the configuration" } } },
      agentVariables: async (agent) => {
        named.push(agent)
        return { AEGIS_AGENT_KEY: "of the server" }
      },
    })
    const { session } = await aegis.createSession(ada, demo(temporary("work"), undefined, { agent: "own" }))
    const exited = (await until(aegis, session.id, isType("agent.exited"))).map(({ event }) => event)
    expect(exited.at(-1)).toMatchObject({ data: { stderrTail: expect.stringContaining("key of the server") } })
    const runIds = exited.flatMap(({ type, data }) => (type === "agent.started" ? [data.runId] : []))
    expect(named).toEqual(runIds.map((runId) => ({ sessionId: session.id, runId })))
    expect(runIds).toHaveLength(1)
  })
})
