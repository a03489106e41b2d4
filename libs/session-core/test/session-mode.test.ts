import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { PolicySchema } from "@aegis/policy/schema"
import { describe, expect, it } from "vitest"
import type { CreateSessionInput, Session } from "../src/index.ts"
import type { OpenedAegis } from "../src/node.ts"
import { ada, demo, demoArgs, text } from "./aegis-callers.ts"
import { isType, script, until, useAegis } from "./aegis-harness.ts"

const { open, temporary } = useAegis()
const denying = PolicySchema.parse({ version: 1, rules: [{ id: "a", match: { kind: "fetch" }, decision: "deny" }] })

/** The demo agent, which notes what it is told: the modes that it was put into. */
function listening(...flags: string[]) {
  const file = join(temporary("heard"), "frames")
  const words = [process.execPath, ...demoArgs(...flags)].map((word) => `'${word}'`).join(" ")
  const agents = { listening: { command: "sh", args: ["-c", `tee -a '${file}' | ${words}`] } }
  const modes = () =>
    [...readFileSync(file, "utf8").matchAll(/"session\/set_mode".*?"modeId":"(\w+)"/g)].map(([, mode]) => mode)
  return { agents, modes }
}

/** Each gets ready, and then has a child that asks less than it may have to. */
const waysToAChild: Readonly<
  Record<string, (aegis: OpenedAegis, wish: CreateSessionInput) => Promise<() => Promise<Session | undefined>>>
> = {
  begun: async (aegis, wish) => async () => (await aegis.createSession(ada, wish)).session,
  "begun with others": async (aegis, wish) => async () => (await aegis.createTogether(ada, [wish]))[0]?.session,
  changed: async (aegis, wish) => {
    const { session } = await aegis.createSession(ada, { ...wish, permissionMode: "plan" })
    return () => aegis.setMode(ada, session.id, wish)
  },
}

/** What makes a child, or gives a session another mode, is written only when it is let; once. */
function hold({ log }: OpenedAegis) {
  const append = log.append.bind(log)
  const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  log.append = async (request) => {
    const isIt = request.events.some(({ event: { type } }) => type === "session.created" || type === "session.updated")
    if (!isIt) return append(request)
    log.append = append
    reached.resolve()
    await released.promise
    return append(request)
  }
  return { reached: reached.promise, release: released.resolve }
}

describe("a session's mode", () => {
  it("decides what is asked from then on, also within the turn, and after a restart", async () => {
    const stateDir = temporary("state")
    const aegis = await open({ stateDir })
    const workDir = temporary("work")
    const { session } = await aegis.createSession(ada, demo(workDir, script("write a.txt x", "write b.txt x")))
    await until(aegis, session.id, isType("approval.requested"))
    const changed = await aegis.setMode(ada, session.id, { permissionMode: "acceptEdits" })
    expect(changed).toMatchObject({ permissionMode: "acceptEdits", version: 2, status: "permission_prompt" })
    // What is asked stays asked.
    expect(existsSync(join(workDir, "a.txt"))).toBe(false)
    await aegis.vote(ada, session.id, { choice: "reject" })
    await until(aegis, session.id, isType("turn.ended"))
    expect([existsSync(join(workDir, "a.txt")), existsSync(join(workDir, "b.txt"))]).toEqual([false, true])
    expect(await aegis.setMode(ada, session.id, { permissionMode: "acceptEdits" })).toMatchObject({ version: 2 })
    await aegis.close()
    const next = await open({ stateDir })
    expect(await next.getSession(session.id)).toMatchObject({ permissionMode: "acceptEdits" })
    const [row] = await next.listSessions({ tenantId: "home", limit: 1 })
    expect(row).toMatchObject({ permissionMode: "acceptEdits" })
    await next.setMode(ada, session.id, { permissionMode: "default" })
    await next.send(ada, session.id, text(script("write c.txt x")))
    await until(next, session.id, isType("approval.requested"), 3)
    expect(await next.getSession(session.id)).toMatchObject({ pendingApprovals: 1 })
  })

  it("is its agent's own before the next turn, where the agent knows it, and what it knew is kept", async () => {
    const { agents, modes } = listening()
    const aegis = await open({ agents })
    const { session } = await aegis.createSession(ada, {
      ...demo(temporary("work"), script("say One.")),
      agent: "listening",
    })
    await until(aegis, session.id, isType("turn.ended"))
    for (const [n, permissionMode] of ["plan", "acceptEdits", "dontAsk"].entries()) {
      await aegis.setMode(ada, session.id, { permissionMode })
      await aegis.send(ada, session.id, text(script(`say ${permissionMode}`)))
      await until(aegis, session.id, isType("turn.ended"), n + 2)
    }
    // Of the others the agent knows nothing: they are ours.
    expect(modes()).toEqual(["default", "plan", "default"])
    const ready = (await until(aegis, session.id, isType("session.ready"), 3)).flatMap(({ event }) =>
      event.type === "session.ready" ? event.data.restored : [],
    )
    expect(ready).toEqual(["new", "resumed", "resumed"])
  })

  it("given within a turn is its agent's own with the next one, after a restart of all", async () => {
    const { agents, modes } = listening()
    const stateDir = temporary("state")
    const aegis = await open({ agents, stateDir })
    const wish = { ...demo(temporary("work"), script("write a.txt x")), agent: "listening" }
    const { session } = await aegis.createSession(ada, wish)
    await until(aegis, session.id, isType("approval.requested"))
    await aegis.setMode(ada, session.id, { permissionMode: "plan" })
    await aegis.vote(ada, session.id, { choice: "approve" })
    await until(aegis, session.id, isType("turn.ended"))
    expect(modes()).toEqual(["default"])
    await aegis.close()
    const next = await open({ agents, stateDir })
    await next.send(ada, session.id, text(script("say One.")))
    await until(next, session.id, isType("turn.ended"), 2)
    expect(modes()).toEqual(["default", "plan"])
  })

  it("that its agent does not have is refused, while that is known", async () => {
    const { agents, modes } = listening("--no-modes")
    const aegis = await open({ agents })
    const { session } = await aegis.createSession(ada, demo(temporary("work")))
    await until(aegis, session.id, isType("session.ready"))
    await expect(aegis.setMode(ada, session.id, { permissionMode: "auto" })).rejects.toMatchObject({
      code: "mode-not-allowed",
      message: `The session's agent has no mode "auto"; it offers default, plan, acceptEdits.`,
    })
    // One that knows of no modes at all is asked for none: they are ours.
    const { session: plain } = await aegis.createSession(ada, { ...demo(temporary("work")), agent: "listening" })
    await until(aegis, plain.id, isType("session.ready"))
    expect(await aegis.setMode(ada, plain.id, { permissionMode: "plan" })).toMatchObject({ permissionMode: "plan" })
    await aegis.send(ada, plain.id, text(script("say One.")))
    await until(aegis, plain.id, isType("turn.ended"))
    expect(modes()).toEqual([])
  })

  it("that an agent could be told only by forgetting is refused, and nothing is another", async () => {
    const { agents, modes } = listening("--no-resume", "--no-load")
    const aegis = await open({ agents })
    const { session } = await aegis.createSession(ada, { ...demo(temporary("work")), agent: "listening" })
    const set = (permissionMode: string) => aegis.setMode(ada, session.id, { permissionMode })
    await until(aegis, session.id, isType("session.ready"))
    // It has said nothing yet that it could forget.
    await set("plan")
    await aegis.send(ada, session.id, text(script("say One.")))
    await until(aegis, session.id, isType("turn.ended"))
    expect(modes().at(-1)).toBe("plan")
    await expect(set("acceptEdits")).rejects.toMatchObject({ code: "mode-fixed" })
    expect(await aegis.getSession(session.id)).toMatchObject({ permissionMode: "plan", version: 2 })
  })

  it("that is ours alone any agent can have", async () => {
    const { agents } = listening("--no-resume", "--no-load")
    const aegis = await open({ agents })
    const wish = { ...demo(temporary("work"), script("say One.")), agent: "listening" }
    const { session } = await aegis.createSession(ada, wish)
    await until(aegis, session.id, isType("turn.ended"))
    await aegis.setMode(ada, session.id, { permissionMode: "acceptEdits" })
    await aegis.send(ada, session.id, text(script("write a.txt x")))
    await until(aegis, session.id, isType("turn.ended"), 2)
    expect(existsSync(join(session.workDir, "a.txt"))).toBe(true)
  })

  it("is refused where rules do not allow it, where it was another meanwhile, and where it has ended", async () => {
    const aegis = await open()
    const own = { policy: { document: denying, mayLoosen: false } }
    const { session } = await aegis.createSession(ada, demo(temporary("work"), undefined, own))
    const set = (permissionMode: string, ifVersion?: number) =>
      aegis.setMode(ada, session.id, { permissionMode, ifVersion })
    await expect(set("auto")).rejects.toMatchObject({ code: "mode-not-allowed" })
    await expect(set("plan", 2)).rejects.toMatchObject({ code: "version-mismatch" })
    expect(await set("plan", 1)).toMatchObject({ version: 2 })
    await aegis.kill(ada, session.id)
    await expect(set("default")).rejects.toMatchObject({ code: "session-ended" })
    await expect(aegis.setMode(ada, "nothing", { permissionMode: "plan" })).rejects.toMatchObject({
      code: "session-not-found",
    })
    const hook = { event: "SessionStart", agentSessionId: "c", digest: "d", bytes: 1, cwd: temporary("work") } as const
    await aegis.receiveHook(ada.owner, hook)
    const [observed] = await aegis.listSessions({ ...ada.owner, agent: "external", limit: 1 })
    await expect(aegis.setMode(ada, observed?.sessionId ?? "", { permissionMode: "plan" })).rejects.toMatchObject({
      code: "not-driven",
    })
  })

  it("is its children's too where they would ask less, and a child's asks no less", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const make = async (permissionMode: string, parentId?: string) => {
      const wish = { permissionMode, reuse: false, ...(parentId === undefined ? {} : { parentId }) }
      return (await aegis.createSession(ada, demo(workDir, undefined, wish))).session.id
    }
    const top = await make("bypassPermissions")
    const [child, strict] = [await make("bypassPermissions", top), await make("plan", top)]
    const below = await make("bypassPermissions", child)
    const modes = async () =>
      Promise.all([top, child, strict, below].map(async (id) => (await aegis.getSession(id)).permissionMode))
    await aegis.setMode(ada, top, { permissionMode: "acceptEdits" })
    expect(await modes()).toEqual(["acceptEdits", "acceptEdits", "plan", "acceptEdits"])
    await expect(aegis.setMode(ada, below, { permissionMode: "bypassPermissions" })).rejects.toMatchObject({
      code: "child-asks-less",
    })
    await aegis.setMode(ada, strict, { permissionMode: "acceptEdits" })
    await aegis.setMode(ada, top, { permissionMode: "bypassPermissions" })
    expect(await modes()).toEqual(["bypassPermissions", "acceptEdits", "acceptEdits", "acceptEdits"])
    // Below one that has ended, too.
    await aegis.kill(ada, child)
    await aegis.setMode(ada, top, { permissionMode: "dontAsk" })
    expect(await modes()).toEqual(["dontAsk", "acceptEdits", "dontAsk", "dontAsk"])
  })

  it.each(Object.keys(waysToAChild))("is bound by what its parent's becomes while it is %s", async (way) => {
    const aegis = await open()
    const wish = { ...demo(temporary("work")), permissionMode: "bypassPermissions", reuse: false }
    const { session: top } = await aegis.createSession(ada, wish)
    const begin = await waysToAChild[way]?.(aegis, { ...wish, workDir: top.workDir, parentId: top.id })
    const held = hold(aegis)
    const child = begin?.()
    await held.reached
    await aegis.setMode(ada, top.id, { permissionMode: "acceptEdits" })
    held.release()
    expect((await child)?.permissionMode).toBe("acceptEdits")
  })

  it("asked for again with the same key is what it was since, here and in its children", async () => {
    const aegis = await open()
    const workDir = temporary("work")
    const wish = { permissionMode: "bypassPermissions", reuse: false }
    const { session: top } = await aegis.createSession(ada, demo(workDir, undefined, wish))
    const { session: child } = await aegis.createSession(ada, demo(workDir, undefined, { ...wish, parentId: top.id }))
    const once = { ...ada, idempotency: { key: "k", fingerprint: "f" } }
    await aegis.setMode(once, top.id, { permissionMode: "plan", ifVersion: 1 })
    await aegis.setMode(ada, top.id, { permissionMode: "bypassPermissions" })
    await aegis.setMode(ada, child.id, { permissionMode: "acceptEdits" })
    const again = await aegis.setMode(once, top.id, { permissionMode: "plan", ifVersion: 1 })
    expect(again).toMatchObject({ permissionMode: "bypassPermissions", version: 3 })
    expect(await aegis.getSession(child.id)).toMatchObject({ permissionMode: "acceptEdits", version: 3 })
  })

  it("asked for again with the same key is not refused for what was said since", async () => {
    const { agents } = listening("--no-modes")
    const aegis = await open({ agents })
    const { session } = await aegis.createSession(ada, { ...demo(temporary("work")), agent: "listening" })
    const once = { ...ada, idempotency: { key: "k", fingerprint: "f" } }
    await aegis.setMode(once, session.id, { permissionMode: "auto" })
    await aegis.setPermissions(ada, session.id, { policy: { document: denying, mayLoosen: false } })
    expect(await aegis.setMode(once, session.id, { permissionMode: "auto" })).toMatchObject({ permissionMode: "auto" })
    const refused = { code: "mode-not-allowed" }
    await expect(aegis.setMode(ada, session.id, { permissionMode: "auto" })).rejects.toMatchObject(refused)
  })
})
