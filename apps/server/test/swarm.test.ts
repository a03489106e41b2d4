import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { environmentOf } from "./environment-of.ts"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>
type Item = Readonly<Record<string, unknown>>

const spawn = (server: Server, id: string, wish: object = {}, headers = bearer(server.server.token)) =>
  server.call("POST", `/v1/sessions/${id}/spawn`, wish, headers)
const listed = async (server: Server, path: string, key = server.server.token) => {
  const { status, body } = await server.call("GET", path, undefined, bearer(key))
  expect(status).toBe(200)
  return body
}
const agentKeyOf = async (server: Server, id: string) => (await environmentOf(server, id)).AEGIS_AGENT_KEY ?? ""
const idsOf = (items: readonly Item[]) => items.map(({ id }) => id)

describe("a child that is spawned", () => {
  it("is a new session in its parent's folder, with its labels and mode, however often it is asked for", async () => {
    const server = await start()
    const workDir = temporary("work")
    const labels = { team: "web" }
    const parent = await server.create(workDir, undefined, { labels, permissionMode: "acceptEdits" })
    const { status, body: first } = await spawn(server, parent.id, { prompt: script("say hi"), name: "first" })
    expect(status).toBe(201)
    expect(first).toMatchObject({ parentId: parent.id, workDir: parent.workDir, labels, name: "first", reused: false })
    expect(first).toMatchObject({ permissionMode: "acceptEdits", promptDelivery: { delivered: true } })
    await server.untilLogged(first.id, "turn.ended")
    mkdirSync(join(workDir, "docs"))
    const { body: second } = await spawn(server, parent.id, { workDir: join(workDir, "docs") })
    expect(second).toMatchObject({ reused: false, workDir: join(parent.workDir, "docs") })
    expect(second.id).not.toBe(first.id)
    const again = { ...bearer(server.server.token), "Idempotency-Key": "third" }
    const thirds = [await spawn(server, parent.id, {}, again), await spawn(server, parent.id, {}, again)]
    expect(new Set(thirds.map(({ body }) => body.id)).size).toBe(1)
  })

  it("works where its template says, if that is in its parent's folder", async () => {
    const server = await start()
    const workDir = temporary("work")
    mkdirSync(join(workDir, "docs"))
    const parent = await server.create(workDir)
    const template = async (wish: object) =>
      (await server.call("POST", "/v1/templates", { name: "a template", ...wish })).body.id
    const inside = await spawn(server, parent.id, { template: await template({ workDir: join(workDir, "docs") }) })
    expect(inside.body.workDir).toBe(join(parent.workDir, "docs"))
    const anywhere = await spawn(server, parent.id, { template: await template({ prompt: script("say hi") }) })
    expect(anywhere.body.workDir).toBe(parent.workDir)
    const outside = await spawn(server, parent.id, { template: await template({ workDir: temporary("other") }) })
    expect([outside.status, outside.body.code]).toEqual([403, "child-outside"])
  })

  it.each([{ parentId: "00000000-0000-4000-8000-000000000000" }, { reuse: true }, { variables: { a: "b" } }, { x: 1 }])(
    "is refused with %j",
    async (wish) => {
      const server = await start()
      const parent = await server.create(temporary("work"))
      const { status, body } = await spawn(server, parent.id, wish)
      expect([status, body.code]).toEqual([400, "request-invalid"])
      expect((await listed(server, `/v1/sessions/${parent.id}/children`)).items).toEqual([])
    },
  )

  it("asks no less, and has a living parent", async () => {
    const server = await start()
    const parent = await server.create(temporary("work"), script("wait"))
    const lax = await spawn(server, parent.id, { permissionMode: "bypassPermissions" })
    expect([lax.status, lax.body.code]).toEqual([403, "child-asks-less"])
    await server.call("DELETE", `/v1/sessions/${parent.id}`)
    const late = await spawn(server, parent.id)
    expect([late.status, late.body.code]).toEqual([409, "session-ended"])
  })

  it("is an agent's to spawn from its own session, and not from its child", async () => {
    const server = await start()
    const parent = await server.create(temporary("work"))
    const headers = bearer(await agentKeyOf(server, parent.id))
    const child = await spawn(server, parent.id, {}, headers)
    expect([child.status, child.body.parentId]).toEqual([201, parent.id])
    const grandchild = await spawn(server, child.body.id, {}, headers)
    expect([grandchild.status, grandchild.body.code]).toEqual([403, "permission-missing"])
  })
})

describe("a session's children", () => {
  it("are listed in pages, newest first, also those that have ended, and not their own", async () => {
    const server = await start()
    const parent = await server.create(temporary("work"))
    const children: Item[] = []
    for (const name of ["one", "two", "three"]) children.push((await spawn(server, parent.id, { name })).body)
    await spawn(server, String(children[0]?.id), { name: "grandchild" })
    await server.call("DELETE", `/v1/sessions/${children[1]?.id}`)
    const first = await listed(server, `/v1/sessions/${parent.id}/children?limit=2`)
    expect(first.items).toMatchObject([{ name: "three" }, { name: "two", status: "killed", parentId: parent.id }])
    const second = await listed(server, `/v1/sessions/${parent.id}/children?limit=2&after=${first.nextCursor}`)
    expect(second).toEqual({ items: [expect.objectContaining({ name: "one" })] })
  })

  it("are its agent's to see, and theirs are not", async () => {
    const server = await start()
    const parent = await server.create(temporary("work"))
    const key = await agentKeyOf(server, parent.id)
    const child = (await spawn(server, parent.id)).body
    await spawn(server, child.id)
    const seen = await Promise.all(
      [parent.id, child.id].map((id) => listed(server, `/v1/sessions/${id}/children`, key)),
    )
    expect(seen.map(({ items }) => idsOf(items))).toEqual([[child.id], []])
    expect(idsOf((await listed(server, "/v1/swarm", key)).items)).toEqual([child.id])
  })
})

describe("the swarm", () => {
  it("has what lives below what has begun it, the newest tree first, and nothing else", async () => {
    const server = await start()
    const trees = [await server.create(temporary("one"), undefined, { name: "one" })]
    trees.push(await server.create(temporary("two"), undefined, { name: "two" }))
    const [one, two] = trees
    const a = (await spawn(server, one.id, { name: "a" })).body
    const b = (await spawn(server, one.id, { name: "b" })).body
    const c = (await spawn(server, a.id, { name: "c" })).body
    const gone = await server.create(temporary("gone"), undefined, { name: "gone" })
    const alone = (await spawn(server, two.id, { name: "ended" })).body
    for (const id of [gone.id, alone.id, a.id]) await server.call("DELETE", `/v1/sessions/${id}`)
    const shape = ({ items }: { readonly items: readonly Item[] }) =>
      items.map(({ name, depth, parentId }) => [name, depth, parentId])
    const first = await listed(server, "/v1/swarm?limit=1")
    expect(shape(first)).toEqual([["two", 0, undefined]])
    const second = await listed(server, `/v1/swarm?limit=1&after=${first.nextCursor}`)
    expect(second.nextCursor).toBeUndefined()
    // One that has ended is there for what lives below it.
    expect(shape(second)).toEqual([
      ["one", 0, undefined],
      ["a", 1, one.id],
      ["c", 2, a.id],
      ["b", 1, one.id],
    ])
    expect(second.items).toMatchObject([{}, { status: "killed" }, { id: c.id }, { id: b.id, subagents: [] }])
  })

  it("tells what an agent has others do within its own process, while they do it", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    await server.untilLogged(id, "session.ready")
    const { items } = await listed(server, `/v1/sessions/${id}/log?after=0`)
    const { agentSessionId } = items.find(({ type }: { readonly type: string }) => type === "session.ready").data
    const said = (update: object) =>
      `raw ${JSON.stringify({ jsonrpc: "2.0", method: "session/update", params: { sessionId: agentSessionId, update } })}`
    const call = (toolCallId: string, name: string, more: object = {}) =>
      said({ sessionUpdate: "tool_call", toolCallId, name, title: `${name} it`, status: "in_progress", ...more })
    const done = said({ sessionUpdate: "tool_call_update", toolCallId: "t1", status: "completed" })
    const steps = [
      call("t1", "Task"),
      call("t2", "Task"),
      call("t3", "Bash"),
      call("t4", "Agent"),
      done,
      "say busy",
      "wait",
    ]
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script(...steps) })
    await server.untilLogged(id, "message.delta")
    const [node] = (await listed(server, "/v1/swarm")).items
    expect(node.subagents).toEqual([
      { toolCallId: "t2", title: "Task it", since: expect.any(String) },
      { toolCallId: "t4", title: "Agent it", since: expect.any(String) },
    ])
    await server.call("POST", `/v1/sessions/${id}/interrupt`)
    await server.untilLogged(id, "turn.ended")
    expect((await listed(server, "/v1/swarm")).items).toMatchObject([{ id, subagents: [] }])
  })
})
