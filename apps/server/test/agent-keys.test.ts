import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { environmentOf } from "./environment-of.ts"
import { bearer, defaults, type Frame, isEvent, script, useServer } from "./server-harness.ts"
import { SocketPeer } from "./socket-peer.ts"

const { start, temporary } = useServer()
type Server = Awaited<ReturnType<typeof start>>
const peers: SocketPeer[] = []
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close()
})

/** A session with its agent, and the calls that this one makes. */
async function agentIn(server: Server, options: Record<string, unknown> = {}) {
  const workDir = temporary("work")
  const { id } = await server.create(workDir, undefined, options)
  await server.untilLogged(id, "session.ready")
  const { AEGIS_AGENT_KEY: key = "", AEGIS_AGENT_URL: url = "" } = await environmentOf(server, id)
  const call = (method: string, path: string, body?: unknown) => server.call(method, path, body, bearer(key))
  const create = (wish: Record<string, unknown> = {}) => call("POST", "/v1/sessions", { workDir, ...wish })
  return { id, workDir, key, url, call, create }
}

const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code]

describe("the key of a session's agent", () => {
  it("is in its agent's environment, with the server's address, and nowhere in what the server keeps or shows", async () => {
    const stateDir = temporary("state")
    const server = await start({ config: defaults(stateDir) })
    const { id, key, url, call } = await agentIn(server)
    expect(key).toMatch(/^aga_[\w-]+\.[\w-]+$/)
    expect(url).toBe(server.url)
    expect((await call("POST", "/v1/auth/verify")).body).toEqual({
      keyId: `agent:${id}`,
      userId: "local",
      tenantId: "local",
      role: "agent",
      permissions: ["session.create", "session.send", "session.read", "memory.read", "memory.write"],
      agentOf: id,
    })
    const shown = await Promise.all(
      [`/v1/sessions/${id}`, "/v1/log?after=0", "/v1/audit?after=0"].map((path) => server.call("GET", path)),
    )
    expect(JSON.stringify(shown)).not.toContain("aga_")
    for (const file of readdirSync(stateDir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()))
      expect([file.name, readFileSync(join(file.parentPath, file.name)).includes(key)]).toEqual([file.name, false])
  })

  it("makes children of its session, in its mode where none is named, and sends to and reads those", async () => {
    const server = await start()
    const agent = await agentIn(server, { permissionMode: "acceptEdits" })
    const { status, body } = await agent.create({ prompt: script("say hi") })
    expect([status, body.parentId, body.permissionMode, body.owner]).toEqual([201, agent.id, "acceptEdits", "local"])
    await server.untilLogged(body.id, "turn.ended")
    expect((await agent.call("GET", `/v1/sessions/${body.id}`)).body).toMatchObject({ parentId: agent.id })
    expect((await agent.call("POST", `/v1/sessions/${body.id}/send`, { text: script("say on") })).body.ok).toBe(true)
    expect((await agent.call("GET", "/v1/sessions")).body.items).toMatchObject([{ id: body.id, parentId: agent.id }])
    expect(Object.values((await agent.call("GET", "/v1/health")).body.sessions)).toEqual([1])
    // Whose it is has it as any other of theirs.
    expect((await server.call("GET", "/v1/sessions")).body.items).toHaveLength(2)
    expect(codeOf(await agent.create({ permissionMode: "bypassPermissions" }))).toEqual([403, "child-asks-less"])
    expect(codeOf(await agent.create({ workDir: temporary("other") }))).toEqual([403, "child-outside"])
  })

  it("shares its tenant's memory, and is told of it in no stream", async () => {
    const server = await start()
    const agent = await agentIn(server)
    expect((await agent.call("POST", "/v1/memory", { key: "notes/found", value: "by the agent" })).status).toBe(200)
    expect((await server.call("GET", "/v1/memory/notes/found")).body).toMatchObject({
      value: "by the agent",
      updatedBy: { kind: "key", id: `agent:${agent.id}` },
    })
    await server.call("POST", "/v1/memory", { key: "notes/found", value: "mended" })
    expect((await agent.call("GET", "/v1/memory/notes%2Ffound")).body.value).toBe("mended")
    expect(JSON.stringify((await agent.call("GET", "/v1/log?after=0")).body.items)).not.toContain("memory.set")
  })

  it("makes children that have its session's rules, and those that it is given later", async () => {
    const server = await start()
    const rules = (id: string) => ({ version: 1, rules: [{ id, decision: "deny", match: { kind: "execute" } }] })
    const agent = await agentIn(server, { policy: rules("first") })
    expect(codeOf(await agent.create({ policy: { version: 1 } }))).toEqual([403, "child-asks-less"])
    const child = (await agent.create()).body
    const ofChild = async () =>
      (await agent.call("GET", `/v1/sessions/${child.id}/permissions`)).body.policy.rules[0].id
    expect(await ofChild()).toBe("first")
    expect((await agent.call("PUT", `/v1/sessions/${child.id}/permissions`, { policy: null })).status).toBe(403)
    await server.call("PUT", `/v1/sessions/${agent.id}/permissions`, { policy: rules("second") })
    expect(await ofChild()).toBe("second")
  })

  it("approves nothing and ends nothing, and prompts its own session never", async () => {
    const server = await start()
    const agent = await agentIn(server)
    const child = (await agent.create({ prompt: script("write a.txt x") })).body
    await server.untilLogged(child.id, "approval.requested")
    for (const id of [agent.id, child.id])
      for (const [method, path] of [
        ["POST", `/v1/sessions/${id}/approve`],
        ["POST", `/v1/sessions/${id}/reject`],
        ["POST", `/v1/sessions/${id}/interrupt`],
        ["POST", `/v1/sessions/${id}/restart`],
        ["DELETE", `/v1/sessions/${id}`],
        ["POST", "/v1/auth/keys"],
        ["POST", "/v1/auth/login-code"],
        ["POST", "/v1/stop-all"],
      ] as const)
        expect([path, ...codeOf(await agent.call(method, path))]).toEqual([path, 403, "permission-missing"])
    expect(codeOf(await agent.call("POST", `/v1/sessions/${agent.id}/send`, { text: "On." }))).toEqual([
      403,
      "permission-missing",
    ])
    expect((await agent.call("GET", `/v1/sessions/${agent.id}`)).body.id).toBe(agent.id)
    expect((await server.call("GET", `/v1/sessions/${child.id}`)).body.pendingApprovals).toBe(1)
  })

  it("finds no other session, of the same person neither, and says the same of it as of none", async () => {
    const server = await start()
    const agent = await agentIn(server)
    const other = await server.create(temporary("work"), script("say hi"))
    const nobodys = "00000000-0000-4000-8000-000000000000"
    const grandchild = await server.create(agent.workDir, undefined, {
      parentId: (await agent.create({ reuse: false })).body.id,
    })
    for (const path of ["", "/log", "/read", "/transcript/cursor", "/approvals"]) {
      const answers = await Promise.all(
        [other.id, grandchild.id, nobodys].map(async (id) => {
          const { status, body } = await agent.call("GET", `/v1/sessions/${id}${path}`)
          return JSON.stringify([status, { ...body, requestId: "" }]).replaceAll(id, "ID")
        }),
      )
      expect([path, answers[0]?.includes("session-not-found"), new Set(answers).size]).toEqual([path, true, 1])
    }
    expect(codeOf(await agent.call("POST", `/v1/sessions/${other.id}/send`, { text: "Yes." }))).toEqual([
      404,
      "session-not-found",
    ])
    for (const [parentId, expected] of [
      [other.id, [404, "session-not-found"]],
      [grandchild.parentId, [403, "permission-missing"]],
      [agent.id, [201, undefined]],
    ] as const)
      expect(codeOf(await agent.create({ parentId, reuse: false }))).toEqual(expected)
    expect(codeOf(await agent.call("POST", "/v1/auth/sse-token", { sessionId: other.id }))).toEqual([
      404,
      "session-not-found",
    ])
  })

  it("has the events of its children, by every door, and of nothing else", async () => {
    const server = await start()
    const agent = await agentIn(server)
    await server.create(temporary("work"), script("say secret"))
    await server.call("POST", "/v1/stop-all")
    await server.call("DELETE", "/v1/stop-all")
    const peer = await SocketPeer.authenticated(server.url, agent.key)
    peers.push(peer)
    expect(await peer.ask({ type: "subscribe", all: true, after: 0 })).toMatchObject({ status: 200 })
    const { frames } = await server.stream("/v1/events?after=0", {}, agent.key)
    const { id: child } = (await agent.create({ prompt: script("say hi") })).body
    await peer.until((message) => message.event?.type === "turn.ended")
    const heard = peer.heard.filter(({ type }) => type === "event").map(({ event }) => event.sessionId)
    expect(new Set(heard)).toEqual(new Set([child]))
    const streamed: unknown[] = []
    for await (const frame of frames) {
      if (frame.data !== undefined) streamed.push(JSON.parse(frame.data).sessionId)
      if (frame.event === "turn.ended") break
    }
    expect(new Set(streamed)).toEqual(new Set([child]))
    const { items } = (await agent.call("GET", "/v1/log?after=0")).body
    expect(new Set(items.map(({ sessionId }: { sessionId: string }) => sessionId))).toEqual(new Set([child]))
  })

  it("is good after a restart of the server, which its agent outlives", async () => {
    const config = defaults(temporary("state"))
    const first = await start({ config })
    const { id, key } = await agentIn(first)
    await first.server.close({ keepAgents: true })
    const second = await start({ config })
    expect((await second.call("POST", "/v1/auth/verify", undefined, bearer(key))).body.agentOf).toBe(id)
  })

  it("is dead at once when its session ends, and its streams and sockets with it", async () => {
    const server = await start()
    const agent = await agentIn(server)
    const { id: child } = (await agent.create()).body
    const peer = await SocketPeer.authenticated(server.url, agent.key)
    peers.push(peer)
    const about = ["/v1/events", `/v1/sessions/${child}/events`, `/v1/sessions/${agent.id}/events`]
    const streams = await Promise.all(about.map((path) => server.stream(`${path}?after=0`, {}, agent.key)))
    await server.call("DELETE", `/v1/sessions/${agent.id}`)
    expect((await agent.call("GET", `/v1/sessions/${child}`)).status).toBe(401)
    for (const { frames } of streams) {
      const seen: Frame[] = []
      for await (const frame of frames) seen.push(frame)
      expect(seen.at(-1)).toEqual({ event: "bye", data: '{"reason":"token-expired"}' })
      expect(seen.filter(isEvent("session.killed"))).toEqual([])
    }
    expect((await peer.closed).code).toBe(1008)
    // It guessed nothing: whoever comes from the same address is let in all the same.
    for (let time = 0; time < 50; time++) await agent.call("GET", "/v1/sessions")
    expect((await server.call("GET", `/v1/sessions/${child}`)).status).toBe(200)
  })

  it("is another one when its session's agent starts again", async () => {
    const server = await start({ config: { ...defaults(temporary("state")) } })
    const agent = await agentIn(server)
    await server.call("POST", `/v1/sessions/${agent.id}/send`, { text: script("crash") })
    await server.streamUntil(`/v1/sessions/${agent.id}/events?after=0`, isEvent("agent.exited"))
    await server.streamUntil(`/v1/sessions/${agent.id}/events?after=0`, isEvent("session.recovered"))
    expect((await agent.call("GET", "/v1/sessions")).status).toBe(401)
    const { AEGIS_AGENT_KEY: next = "" } = await environmentOf(server, agent.id)
    expect((await server.call("GET", "/v1/sessions", undefined, bearer(next))).status).toBe(200)
  })
})

describe("a person's key", () => {
  it("makes a child of a session that it may act on, and of no other", async () => {
    const server = await start()
    const workDir = temporary("work")
    mkdirSync(join(workDir, "inner"))
    const ada = await server.createKey("operator", { userId: "ada", tenantId: "t" })
    const bob = await server.createKey("operator", { userId: "bob", tenantId: "t" })
    const eve = await server.createKey("operator", { userId: "eve", tenantId: "u" })
    const create = (key: string, wish: Record<string, unknown> = {}) =>
      server.call("POST", "/v1/sessions", { workDir: join(workDir, "inner"), ...wish }, bearer(key))
    const { id: parentId } = (await server.call("POST", "/v1/sessions", { workDir }, bearer(ada.key))).body
    expect((await create(ada.key, { parentId })).body.parentId).toBe(parentId)
    expect(codeOf(await create(bob.key, { parentId }))).toEqual([403, "permission-missing"])
    expect(codeOf(await create(eve.key, { parentId }))).toEqual([404, "session-not-found"])
  })
})
