import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const update = (server: Server, id: string, wish: unknown, headers: Record<string, string> = {}) =>
  server.call("PATCH", `/v1/sessions/${id}`, wish, { ...bearer(server.server.token), ...headers })
const shown = async (server: Server, id: string) => (await server.call("GET", `/v1/sessions/${id}`)).body
const changes = async (server: Server, id: string) =>
  (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=200`)).body.items.filter(
    ({ type }: { readonly type: string }) => type === "session.updated",
  )

async function withRules(...rules: readonly object[]) {
  const file = join(temporary("policy"), "policy.json")
  writeFileSync(file, JSON.stringify({ version: 1, rules }))
  return start({ config: { policy: { file } } })
}

describe("a session's name and labels", () => {
  it("are others from then on: in the session, the list and the log, and after a restart", async () => {
    const config = defaults(temporary("state"))
    const server = await start({ config })
    const made = await server.create(temporary("work"), undefined, { name: "first", labels: { team: "a", env: "x" } })
    expect((await server.call("GET", `/v1/sessions/${made.id}`)).headers.get("ETag")).toBe('"1"')
    const named = await update(server, made.id, { name: "second" })
    expect([named.status, named.headers.get("ETag")]).toEqual([200, '"2"'])
    expect(named.body).toMatchObject({ name: "second", labels: { team: "a", env: "x" }, version: 2 })
    const labelled = await update(server, made.id, { labels: { team: "b" } })
    expect(labelled.body).toMatchObject({ name: "second", labels: { team: "b" }, version: 3 })
    expect(await changes(server, made.id)).toMatchObject([
      { actor: { kind: "key", id: "local", via: "rest" }, data: { name: "second" } },
      { data: { labels: { team: "b" } } },
    ])
    const look = async (of: Server) => [await shown(of, made.id), (await of.call("GET", "/v1/sessions")).body.items[0]]
    for (const each of await look(server)) expect(each).toMatchObject({ name: "second", labels: { team: "b" } })
    await server.server.close()
    const next = await start({ config })
    for (const each of await look(next)) expect(each).toMatchObject({ name: "second", labels: { team: "b" } })
    expect((await shown(next, made.id)).version).toBe(3)
  })

  it("that are what they were are no change, whatever the order of the labels", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), undefined, { name: "one", labels: { a: "1", b: "2" } })
    expect((await update(server, id, { name: "one", labels: { b: "2", a: "1" } })).body.version).toBe(1)
    expect(await changes(server, id)).toEqual([])
  })

  it("are changed once of two who have read the same", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const replies = await Promise.all(["one", "two"].map((name) => update(server, id, { name }, { "If-Match": '"1"' })))
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 412])
    expect(replies.find(({ status }) => status === 412)?.body.code).toBe("version-mismatch")
    // Asked for again it is what it was.
    const again = { "Idempotency-Key": "k", "If-Match": '"2"' }
    expect((await update(server, id, { name: "three" }, again)).status).toBe(200)
    expect((await update(server, id, { name: "three" }, again)).status).toBe(200)
    expect((await shown(server, id)).version).toBe(3)
  })

  it.each([{}, { name: "" }, { name: "x".repeat(201) }, { labels: { "": "x" } }, { labels: null }, { agent: "demo" }])(
    "keep to the rules of a new session's: %j",
    async (wish) => {
      const server = await start()
      const { id } = await server.create(temporary("work"))
      expect((await update(server, id, wish)).body).toMatchObject({ status: 400, code: "request-invalid" })
      expect((await shown(server, id)).version).toBe(1)
    },
  )

  it("are its owner's to change, and admins', and an ended session's stay", async () => {
    const server = await start()
    const [ada, bo, viewer, stranger, admin] = await Promise.all([
      server.createKey("operator", { userId: "ada" }),
      server.createKey("operator", { userId: "bo" }),
      server.createKey("viewer", { userId: "ada" }),
      server.createKey("admin", { tenantId: "elsewhere" }),
      server.createKey("admin", { userId: "eve" }),
    ])
    const wish = { workDir: temporary("work") }
    const { id } = (await server.call("POST", "/v1/sessions", wish, bearer(ada.key))).body
    const by = async ({ key }: { readonly key: string }) => {
      const { status, body } = await update(server, id, { name: "another" }, bearer(key))
      return [status, body.code]
    }
    expect(await by(bo)).toEqual([403, "permission-missing"])
    expect(await by(viewer)).toEqual([403, "permission-missing"])
    expect(await by(stranger)).toEqual([404, "session-not-found"])
    expect(await by(ada)).toEqual([200, undefined])
    expect(await by(admin)).toEqual([200, undefined])
    await server.call("DELETE", `/v1/sessions/${id}`)
    expect(await by(ada)).toEqual([409, "session-ended"])
  })
})

describe("labels that a rule goes by", () => {
  const rule = { id: "prod", match: { labels: { env: "prod" } }, decision: "ask" }

  it("take session.approve to change, to add and to take away; the others do not", async () => {
    const server = await withRules(rule)
    const modest = await server.createKey("custom", {
      userId: "ada",
      permissions: ["session.read", "session.create", "session.send"],
    })
    const operator = await server.createKey("operator", { userId: "ada" })
    const make = async (labels: object) =>
      (
        await server.call(
          "POST",
          "/v1/sessions",
          { workDir: temporary("work"), reuse: false, labels },
          bearer(modest.key),
        )
      ).body.id as string
    const [ruled, free] = [await make({ env: "prod", team: "a" }), await make({})]
    for (const [id, labels] of [
      [ruled, { env: "test", team: "a" }],
      [ruled, { team: "a" }],
      [free, { env: "prod" }],
    ] as const) {
      const { status, body } = await update(server, id, { name: "other", labels }, bearer(modest.key))
      expect([status, body.code]).toEqual([403, "labels-ruled"])
    }
    expect((await shown(server, ruled)).version).toBe(1)
    const denied = (await server.call("GET", "/v1/audit?type=auth.denied")).body.items
    expect(denied).toMatchObject([{ data: { keyId: modest.id, operation: "updateSession" } }])
    const kept = await update(server, ruled, { labels: { env: "prod", team: "b" } }, bearer(modest.key))
    expect(kept.body.labels).toEqual({ env: "prod", team: "b" })
    const { body } = await update(server, ruled, { labels: { env: "test" } }, bearer(operator.key))
    expect(body.labels).toEqual({ env: "test" })
  })

  it("may be those of a rule of the session's own", async () => {
    const server = await start()
    const modest = await server.createKey("custom", {
      permissions: ["session.read", "session.create", "session.send"],
    })
    const policy = { version: 1, rules: [rule] }
    const { id } = await server.create(temporary("work"), undefined, { policy, labels: { env: "prod" } })
    expect((await update(server, id, { labels: {} }, bearer(modest.key))).body.code).toBe("labels-ruled")
    expect((await update(server, id, { name: "free" }, bearer(modest.key))).status).toBe(200)
  })
})
