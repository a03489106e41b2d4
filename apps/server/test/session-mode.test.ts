import { expect, it } from "vitest"
import { environmentOf } from "./environment-of.ts"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const set = (server: Server, id: string, permissionMode: unknown, headers: Record<string, string> = {}) =>
  server.call("PUT", `/v1/sessions/${id}/mode`, { permissionMode }, { ...bearer(server.server.token), ...headers })

it("a session's mode is another from then on, for who has read what it is", async () => {
  const server = await start()
  const { id } = await server.create(temporary("work"), script("write a.txt x", "write b.txt x", "wait"))
  await server.untilLogged(id, "approval.requested")
  const changed = await set(server, id, "acceptEdits", { "If-Match": '"1"' })
  expect([changed.status, changed.headers.get("ETag")]).toEqual([200, '"2"'])
  expect(changed.body).toMatchObject({ permissionMode: "acceptEdits", status: "permission_prompt", version: 2 })
  const late = await set(server, id, "default", { "If-Match": '"1"' })
  expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
  await server.call("POST", `/v1/sessions/${id}/approve`)
  await server.untilLogged(id, "policy.decided")
  const { items } = (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=200`)).body
  expect(items).toContainEqual(
    expect.objectContaining({
      type: "session.updated",
      data: { permissionMode: "acceptEdits" },
      actor: { kind: "key", id: "local", via: "rest" },
    }),
  )
  for (const none of ["all", 1, undefined]) expect((await set(server, id, none)).body.code).toBe("request-invalid")
})

it("one that asks less than the server's takes session.approve, and one that asks as much does not", async () => {
  const server = await start()
  const permissions = ["session.read", "session.create", "session.send"]
  const { key } = await server.createKey("custom", { permissions, userId: "bo" })
  const { id } = (await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(key))).body
  expect((await set(server, id, "plan", bearer(key))).status).toBe(200)
  expect((await set(server, id, "default", bearer(key))).status).toBe(200)
  const lax = await set(server, id, "acceptEdits", bearer(key))
  expect([lax.status, lax.body.code]).toEqual([403, "permission-missing"])
  const { body } = await server.call("GET", "/v1/audit?type=auth.denied")
  expect(body.items).toMatchObject([{ data: { operation: "setSessionMode" } }])
  expect((await server.call("GET", `/v1/sessions/${id}`)).body.permissionMode).toBe("default")
})

it("an agent has its child ask more, and none less; of itself it says nothing", async () => {
  const server = await start()
  const parent = await server.create(temporary("work"), undefined, { permissionMode: "bypassPermissions" })
  const { AEGIS_AGENT_KEY: key = "" } = await environmentOf(server, parent.id)
  const child = (await server.call("POST", `/v1/sessions/${parent.id}/spawn`, {}, bearer(key))).body
  expect((await set(server, child.id, "acceptEdits", bearer(key))).body).toMatchObject({
    permissionMode: "acceptEdits",
  })
  const lax = await set(server, child.id, "bypassPermissions", bearer(key))
  expect([lax.status, lax.body.code]).toEqual([403, "permission-missing"])
  expect((await set(server, child.id, "plan", { ...bearer(key), "If-Match": '"1"' })).body.code).toBe(
    "version-mismatch",
  )
  expect((await set(server, parent.id, "plan", bearer(key))).body.code).toBe("permission-missing")
  expect((await set(server, child.id, "bypassPermissions")).status).toBe(200)
  expect((await set(server, parent.id, "default")).status).toBe(200)
  expect((await server.call("GET", `/v1/sessions/${child.id}`)).body.permissionMode).toBe("default")
  expect((await set(server, child.id, "acceptEdits")).body.code).toBe("child-asks-less")
})

it("an agent does not overrule who has its child ask more at the same time", async () => {
  const server = await start()
  const parent = await server.create(temporary("work"), undefined, { permissionMode: "bypassPermissions" })
  const { AEGIS_AGENT_KEY: key = "" } = await environmentOf(server, parent.id)
  const child = (await server.call("POST", `/v1/sessions/${parent.id}/spawn`, {}, bearer(key))).body
  const { aegis } = server.server
  const look = aegis.getSession.bind(aegis)
  aegis.getSession = async (id) => {
    aegis.getSession = look
    const session = await look(id)
    expect((await set(server, child.id, "plan")).status).toBe(200)
    return session
  }
  expect((await set(server, child.id, "acceptEdits", bearer(key))).body.code).toBe("version-mismatch")
  expect((await server.call("GET", `/v1/sessions/${child.id}`)).body.permissionMode).toBe("plan")
})
