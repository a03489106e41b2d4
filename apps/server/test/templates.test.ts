import { describe, expect, it } from "vitest"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const fields = {
  name: "say",
  description: "Says something.",
  prompt: "#script\nsay {{what=nothing}} to {{whom}}",
  permissionMode: "acceptEdits",
  labels: { team: "{{whom}}" },
}
const create = (server: Server, wish: object, key = server.server.token) =>
  server.call("POST", "/v1/templates", wish, bearer(key))

describe("a template", () => {
  it("is made, shown, replaced and deleted; its version says which it is", async () => {
    const server = await start()
    const { status, body, headers } = await create(server, fields)
    expect([status, headers.get("ETag")]).toEqual([201, '"1"'])
    expect(body).toEqual({
      ...fields,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      variables: [{ name: "what", default: "nothing" }, { name: "whom" }],
      builtIn: false,
      version: 1,
      owner: "local",
      createdAt: body.updatedAt,
      updatedAt: expect.any(String),
    })
    const path = `/v1/templates/${body.id}`
    expect((await server.call("GET", path)).body).toEqual(body)
    const put = (wish: object, ifMatch: string) =>
      server.call("PUT", path, wish, { ...bearer(server.server.token), "If-Match": ifMatch })
    const replaced = await put({ name: "other" }, '"1"')
    expect([replaced.status, replaced.headers.get("ETag")]).toEqual([200, '"2"'])
    expect(replaced.body).toMatchObject({ name: "other", variables: [], createdAt: body.createdAt })
    expect(replaced.body).not.toHaveProperty("prompt")
    const late = await put(fields, '"1"')
    expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
    // What it is already is no other version.
    expect((await put({ name: "other" }, '"2"')).body.version).toBe(2)
    expect((await server.call("DELETE", path)).body).toEqual({ ok: true })
    for (const method of ["GET", "DELETE"])
      expect((await server.call(method, path)).body.code).toBe("template-not-found")
    expect((await server.call("PUT", path, fields)).status).toBe(404)
  })

  it("is listed newest first, in pages, with those that are built in behind", async () => {
    const server = await start()
    for (const name of ["a", "b", "c"]) await create(server, { name })
    const pages: string[][] = []
    for (let query = "?limit=2"; query !== ""; ) {
      const { body } = await server.call("GET", `/v1/templates${query}`)
      pages.push(body.items.map(({ name }: { readonly name: string }) => name))
      query = body.nextCursor === undefined ? "" : `?limit=2&after=${body.nextCursor}`
    }
    const builtIn = ["code-reviewer", "ci-runner", "pr-reviewer", "docs-writer"]
    expect(pages).toEqual([["c", "b"], ["a"], builtIn])
    const { items } = (await server.call("GET", "/v1/templates")).body
    expect(items).toHaveLength(7)
    expect(items.at(-1)).toMatchObject({ id: "docs-writer", builtIn: true })
  })

  it("that is built in is everybody's, and nobody changes it", async () => {
    const server = await start()
    const { body } = await server.call("GET", "/v1/templates/pr-reviewer")
    expect(body).toMatchObject({ builtIn: true, variables: [{ name: "branch" }, { name: "target", default: "main" }] })
    expect(body).not.toHaveProperty("owner")
    for (const [method, wish] of [["PUT", fields], ["DELETE"]] as const) {
      const refused = await server.call(method, "/v1/templates/pr-reviewer", wish)
      expect([refused.status, refused.body.code]).toEqual([409, "template-built-in"])
    }
  })

  it("is read by the tenant's, changed by its owner and admins, and of nobody else's known", async () => {
    const server = await start()
    const [ada, bo, admin, stranger] = await Promise.all([
      server.createKey("operator", { userId: "ada" }),
      server.createKey("operator", { userId: "bo" }),
      server.createKey("admin", { userId: "eve" }),
      server.createKey("admin", { tenantId: "elsewhere" }),
    ])
    const { id } = (await create(server, fields, ada.key)).body
    const ask = async (method: string, { key }: { readonly key: string }, wish?: object) => {
      const { status, body } = await server.call(method, `/v1/templates/${id}`, wish, bearer(key))
      return [status, body.code]
    }
    expect(await ask("GET", bo)).toEqual([200, undefined])
    expect(await ask("PUT", bo, fields)).toEqual([403, "permission-missing"])
    expect(await ask("DELETE", bo)).toEqual([403, "permission-missing"])
    for (const method of ["GET", "DELETE"]) expect(await ask(method, stranger)).toEqual([404, "template-not-found"])
    // As if there were none, whatever is asked.
    for (const [template, who] of [
      [id, stranger],
      ["none", ada],
    ] as const) {
      const path = `/v1/templates/${template}`
      const { status, body } = await server.call("PUT", path, { nonsense: true }, bearer(who.key))
      expect([status, body.code]).toEqual([404, "template-not-found"])
    }
    expect(await ask("PUT", admin, { name: "by an admin" })).toEqual([200, undefined])
    expect((await server.call("GET", `/v1/templates/${id}`, undefined, bearer(ada.key))).body).toMatchObject({
      name: "by an admin",
      owner: "ada",
    })
    expect((await server.call("GET", "/v1/templates", undefined, bearer(stranger.key))).body.items).toHaveLength(4)
  })
})

describe("a session that is begun with a template", () => {
  it("has what the template says, filled in, and what is said besides in its place", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = (await create(server, { ...fields, workDir: `${workDir}{{where=}}` })).body
    const begin = (wish: object) => server.call("POST", "/v1/sessions", { template: id, reuse: false, ...wish })
    const first = await begin({ variables: { whom: "you", what: "yes" } })
    expect([first.status, first.body]).toMatchObject([
      201,
      { workDir, permissionMode: "acceptEdits", labels: { team: "you" }, template: { id, version: 1 } },
    ])
    await server.untilLogged(first.body.id, "turn.ended")
    const { messages } = (await server.call("GET", `/v1/sessions/${first.body.id}/read`)).body
    expect(messages.map(({ text }: { readonly text: string }) => text)).toContain("yes to you")
    const second = await begin({
      variables: { whom: "you" },
      permissionMode: "plan",
      labels: { team: "ours" },
      name: "mine",
    })
    expect(second.body).toMatchObject({ name: "mine", permissionMode: "plan", labels: { team: "ours" } })
  })

  it("is refused where something is missing, too much, or not the caller's to use", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = (await create(server, fields)).body
    const begin = async (wish: object, key = server.server.token) => {
      const { status, body } = await server.call(
        "POST",
        "/v1/sessions",
        { workDir, template: id, ...wish },
        bearer(key),
      )
      return [status, body.code, body.detail]
    }
    expect(await begin({})).toEqual([400, "template-variables", expect.stringContaining("needs a value for whom")])
    expect(await begin({ variables: { whom: "a", who: "b" } })).toEqual([400, "template-variables", expect.any(String)])
    expect(await begin({ variables: { whom: "x".repeat(100_000) } })).toEqual([
      400,
      "template-variables",
      expect.stringContaining("comes to more than 100,000 characters"),
    ])
    expect(await begin({ variables: { whom: "x".repeat(201) } })).toEqual([
      400,
      "request-invalid",
      expect.stringMatching(/fits no session: labels\.team: /),
    ])
    expect(await begin({ template: "nothing" })).toEqual([404, "template-not-found", expect.any(String)])
    expect(await begin({ template: undefined, variables: { a: "b" } })).toEqual([
      400,
      "request-invalid",
      expect.any(String),
    ])
    expect(await begin({ workDir: undefined, variables: { whom: "a" } })).toEqual([
      400,
      "request-invalid",
      "The template does not say where to work: give a workDir.",
    ])
    const stranger = await server.createKey("admin", { tenantId: "elsewhere" })
    expect(await begin({ variables: { whom: "a" } }, stranger.key)).toEqual([
      404,
      "template-not-found",
      expect.any(String),
    ])
    const without = await server.createKey("custom", { permissions: ["session.create", "session.read"] })
    expect(await begin({ variables: { whom: "a" } }, without.key)).toEqual([
      403,
      "permission-missing",
      expect.any(String),
    ])
    // A mode that asks less takes the same right from a template as from anybody.
    const careful = await server.createKey("custom", { permissions: ["session.create", "template.read"] })
    expect(await begin({ variables: { whom: "a" } }, careful.key)).toEqual([
      403,
      "permission-missing",
      expect.any(String),
    ])
    expect(await begin({ variables: { whom: "a" }, permissionMode: "plan" }, careful.key)).toEqual([
      201,
      undefined,
      undefined,
    ])
    expect((await server.call("GET", "/v1/sessions")).body.items).toHaveLength(1)
  })

  it.each(["code-reviewer", "ci-runner", "docs-writer"])("is begun with %s without another word", async (template) => {
    const server = await start()
    const { status, body } = await server.call("POST", "/v1/sessions", { workDir: temporary("work"), template })
    expect([status, body.template]).toEqual([201, { id: template, version: 1 }])
    await server.untilLogged(body.id, "turn.started")
    const { messages } = (await server.call("GET", `/v1/sessions/${body.id}/read`)).body
    expect(messages[0].text).not.toMatch(/\{\{|\}\}/)
  })
})
