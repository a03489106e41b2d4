import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer({ after: afterAll })

type Server = Awaited<ReturnType<typeof start>>

let server: Server
beforeAll(async () => {
  server = await start()
})

const path = "/v1/routines"
/** Of a time that is far away. */
const wish = (more: object = {}) => ({
  name: "yearly",
  cron: "0 0 1 1 *",
  workDir: temporary("work"),
  prompt: "#script\nsay done",
  ...more,
})

const local = () => bearer(server.server.token)
const create = (more: object = {}, headers = local()) => server.call("POST", path, wish(more), headers)
const idOf = async (more: object = {}, headers = local()) => String((await create(more, headers)).body.id)

async function keyOf(role: string, more: object = {}) {
  const made = await server.call("POST", "/v1/auth/keys", { name: role, role, ...more })
  return bearer(String(made.body.key))
}

async function run(id: string, number: number, status: string) {
  const find = async () => (await server.call("GET", `${path}/${id}/runs`)).body.items.at(-number)
  await expect.poll(async () => (await find())?.status, { timeout: 10_000 }).toBe(status)
  return find()
}

describe("a routine", () => {
  it("is made with what is usual, shown, and listed without what it begins", async () => {
    const workDir = temporary("work")
    const { status, body, headers } = await create({ workDir, timeZone: "Europe/Berlin" })
    expect([status, headers.get("ETag")]).toEqual([201, '"1"'])
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "yearly",
      cron: "0 0 1 1 *",
      timeZone: "Europe/Berlin",
      missedRun: "skip",
      overlap: "skip",
      enabled: true,
      prompt: "#script\nsay done",
      workDir,
      agent: "demo",
      permissionMode: "default",
      owner: "local",
      createdAt: body.createdAt,
      updatedAt: body.createdAt,
      version: 1,
      nextRunAt: expect.stringMatching(/-12-31T23:00:00.000Z$/),
    })
    const shown = await server.call("GET", `${path}/${body.id}`)
    expect([shown.body, shown.headers.get("ETag")]).toEqual([body, '"1"'])
    const { prompt: _prompt, workDir: _folder, agent: _agent, permissionMode: _mode, ...item } = body
    const listed = (await server.call("GET", `${path}?limit=1`)).body
    expect(listed.items).toEqual([item])
  })

  it("begins with a template, as it is when the routine is made", async () => {
    const fields = { name: "say", workDir: temporary("work"), prompt: "#script\nsay {{what}}", model: "m" }
    const { body: template } = await server.call("POST", "/v1/templates", fields)
    const { status, body } = await create({
      workDir: undefined,
      prompt: undefined,
      template: template.id,
      variables: { what: "hello" },
    })
    expect([status, body.prompt, body.workDir, body.template, body.model]).toEqual([
      201,
      "#script\nsay hello",
      fields.workDir,
      { id: template.id, version: 1 },
      "m",
    ])
    const changed = await server.call("PATCH", `${path}/${body.id}`, {
      model: null,
      effort: "high",
      labels: { a: "b" },
    })
    expect([changed.body.model, changed.body.options, changed.body.labels, changed.body.template]).toEqual([
      undefined,
      { effort: "high" },
      { a: "b" },
      { id: template.id, version: 1 },
    ])
  })

  it("is run when somebody wants it, one after the other, and says what has become of each", async () => {
    const id = await idOf({ enabled: false, prompt: "#script\nwait" })
    const first = await server.call("POST", `${path}/${id}/run`)
    expect([first.status, first.body]).toEqual([
      201,
      {
        id: 1,
        cause: "run",
        status: "running",
        dueAt: expect.any(String),
        startedAt: expect.any(String),
        sessionId: expect.any(String),
      },
    ])
    const { body: session } = await server.call("GET", `/v1/sessions/${first.body.sessionId}`)
    expect(session).toMatchObject({ name: "yearly / 1", routine: { id, run: 1 }, owner: "local" })
    const busy = await server.call("POST", `${path}/${id}/run`)
    expect([busy.status, busy.body.code]).toEqual([409, "routine-busy"])
    await server.call("DELETE", `/v1/sessions/${first.body.sessionId}`)
    const ended = await run(id, 1, "failed")
    expect(ended.error.code).toBe("session_killed")
    await server.call("PATCH", `${path}/${id}`, { prompt: "#script\nsay done" })
    await server.call("POST", `${path}/${id}/run`)
    await run(id, 2, "completed")
    const { body } = await server.call("GET", `${path}/${id}/runs?limit=1`)
    expect([body.items[0].id, body.nextCursor]).toEqual([2, "2"])
    const rest = (await server.call("GET", `${path}/${id}/runs?after=2&status=failed`)).body
    expect(rest).toEqual({ items: [ended] })
    expect((await server.call("GET", `${path}/${id}`)).body.lastRun).toEqual(body.items[0])
  })

  it("is changed in what is named, paused, and not by who has read another version", async () => {
    const id = await idOf({ labels: { a: "b" } })
    const change = (changes: object, headers: Record<string, string> = {}) =>
      server.call("PATCH", `${path}/${id}`, changes, { ...local(), ...headers })
    const { body: before } = await server.call("GET", `${path}/${id}`)
    const paused = await change({ enabled: false }, { "If-Match": '"1"' })
    const { nextRunAt: _next, updatedAt: _then, ...same } = before
    expect(paused.body).toEqual({ ...same, enabled: false, version: 2, updatedAt: paused.body.updatedAt })
    expect(paused.headers.get("ETag")).toBe('"2"')
    const late = await change({ name: "late" }, { "If-Match": '"1"' })
    expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
    const more = { cron: "0 12 * * *", timeZone: "Asia/Kolkata", overlap: "queue", missedRun: "once", enabled: true }
    const changed = await change(more)
    expect(changed.body).toMatchObject({ ...more, labels: { a: "b" }, nextRunAt: expect.stringMatching(/T06:30:00/) })
    expect((await change({})).body).toMatchObject({ status: 400, code: "request-invalid" })
  })

  it("is gone when it is deleted", async () => {
    const id = await idOf()
    const late = await server.call("DELETE", `${path}/${id}`, undefined, { ...local(), "If-Match": '"7"' })
    expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
    expect((await server.call("DELETE", `${path}/${id}`)).body).toEqual({ ok: true })
    for (const [method, action, body] of [
      ["GET", ""],
      ["GET", "/runs"],
      ["PATCH", "", { enabled: false }],
      ["DELETE", ""],
      ["POST", "/run"],
    ] as const) {
      const { status, body: problem } = await server.call(method, `${path}/${id}${action}`, body)
      expect([method, status, problem.code]).toEqual([method, 404, "routine-not-found"])
    }
  })

  it("is made, changed and run once under one Idempotency-Key", async () => {
    const once = (key: string) => ({ ...local(), "Idempotency-Key": key })
    const same = wish()
    const made = await server.call("POST", path, same, once("made"))
    expect((await server.call("POST", path, same, once("made"))).body).toEqual(made.body)
    expect((await server.call("POST", path, { ...same, name: "b" }, once("made"))).body.code).toBe(
      "idempotency-mismatch",
    )
    const id = made.body.id
    const changed = await server.call("PATCH", `${path}/${id}`, { enabled: false }, once("changed"))
    const again = await server.call("PATCH", `${path}/${id}`, { enabled: false }, once("changed"))
    expect([again.status, again.body]).toEqual([200, changed.body])
    const ran = await server.call("POST", `${path}/${id}/run`, undefined, once("ran"))
    expect((await server.call("POST", `${path}/${id}/run`, undefined, once("ran"))).body.id).toBe(ran.body.id)
    for (const status of [200, 200])
      expect((await server.call("DELETE", `${path}/${id}`, undefined, once("gone"))).status).toBe(status)
  })

  it.each([
    ["a cron of four fields", { cron: "* * * *" }, 400, "cron-invalid", "cron", "it has 4 fields"],
    ["a minute that there is not", { cron: "61 * * * *" }, 400, "cron-invalid", "cron", "minute (0-59)"],
    ["a day that never comes", { cron: "0 0 31 2 *" }, 400, "cron-invalid", "cron", "never comes"],
    ["a zone that there is not", { timeZone: "Mars/Base" }, 400, "time-zone-unknown", "timeZone", "IANA name"],
    ["nothing to do", { prompt: undefined }, 400, "request-invalid", "prompt", "Say what"],
    ["nowhere to work", { workDir: undefined }, 400, "request-invalid", "workDir", "Say where"],
    ["a folder that there is not", { workDir: "/nowhere" }, 400, "workdir-invalid", "workDir", "/nowhere"],
    ["variables without a template", { variables: { a: "b" } }, 400, "request-invalid", "variables", "name it"],
    ["a field that there is not", { autoApprove: true }, 400, "request-invalid", "", "autoApprove"],
    ["an overlap that there is not", { overlap: "kill" }, 400, "request-invalid", "overlap", "parallel"],
    ["an agent that there is not", { agent: "nobody" }, 422, "agent-unknown", "agent", "nobody"],
  ])("is refused with %s, and says where", async (_, more, status, code, where, words) => {
    const { body } = await create(more)
    expect(body).toMatchObject({ status, code })
    const [error] = body.errors
    expect([error.path, error.message]).toEqual([where, expect.stringContaining(words)])
  })

  it("is refused to be changed into what it could not be made as", async () => {
    const id = await idOf()
    for (const [changes, code] of [
      [{ cron: "0 0 31 2 *" }, "cron-invalid"],
      [{ timeZone: "Mars/Base" }, "time-zone-unknown"],
      [{ agent: "nobody" }, "agent-unknown"],
      [{ template: "ci-runner" }, "request-invalid"],
    ] as const)
      expect((await server.call("PATCH", `${path}/${id}`, changes)).body.code).toBe(code)
    expect((await server.call("GET", `${path}/${id}`)).body.version).toBe(1)
  })

  it("takes the rights that its sessions take, each time", async () => {
    const permissions = ["routine.read", "routine.write", "session.read"]
    const writer = await keyOf("custom", { permissions })
    expect((await create({}, writer)).body).toMatchObject({ status: 403, code: "permission-missing" })
    const maker = await keyOf("custom", { permissions: [...permissions, "session.create"] })
    const lax = { permissionMode: "acceptEdits" }
    expect((await create(lax, maker)).body).toMatchObject({ status: 403, code: "permission-missing" })
    const id = await idOf({}, maker)
    expect((await server.call("PATCH", `${path}/${id}`, lax, maker)).status).toBe(403)
    expect((await server.call("PATCH", `${path}/${id}`, { enabled: false }, writer)).status).toBe(403)
    expect((await server.call("POST", `${path}/${id}/run`, undefined, writer)).status).toBe(403)
    expect((await server.call("POST", `${path}/${id}/run`, undefined, maker)).status).toBe(201)
    // Of the same person, and made with the right to approve.
    const laxId = await idOf(lax)
    expect((await server.call("POST", `${path}/${laxId}/run`, undefined, maker)).body).toMatchObject({
      status: 403,
      code: "permission-missing",
    })
    const viewer = await keyOf("viewer", { userId: "vera" })
    expect((await server.call("GET", `${path}/${id}`, undefined, viewer)).status).toBe(200)
    expect((await server.call("GET", `${path}/${id}/runs`, undefined, viewer)).status).toBe(200)
    expect((await create({}, viewer)).status).toBe(403)
    const other = await keyOf("operator", { userId: "otto" })
    for (const [method, action, body] of [
      ["PATCH", "", { enabled: false }],
      ["DELETE", ""],
      ["POST", "/run"],
    ] as const)
      expect((await server.call(method, `${path}/${id}${action}`, body, other)).status).toBe(403)
    const nobody = {}
    expect((await server.call("GET", path, undefined, nobody)).status).toBe(401)
    expect((await server.call("POST", `${path}/${id}/run`, undefined, nobody)).status).toBe(401)
  })

  it("of another tenant is not there, in lists and streams neither", async () => {
    const id = await idOf()
    const other = await keyOf("admin", { tenantId: "other", userId: "eve" })
    for (const [method, action, body] of [
      ["GET", ""],
      ["GET", "/runs"],
      ["PATCH", "", { enabled: false }],
      ["DELETE", ""],
      ["POST", "/run"],
    ] as const)
      expect((await server.call(method, `${path}/${id}${action}`, body, other)).body).toMatchObject({
        status: 404,
        code: "routine-not-found",
      })
    expect((await server.call("GET", path, undefined, other)).body).toEqual({ items: [] })
    const events = await server.call("GET", "/v1/log?limit=200", undefined, other)
    expect(JSON.stringify(events.body)).not.toContain(id)
    const reader = await keyOf("custom", { permissions: ["session.read"] })
    const seen = await server.call("GET", "/v1/log?limit=200", undefined, reader)
    expect(JSON.stringify(seen.body)).not.toContain("routine.created")
    expect(JSON.stringify((await server.call("GET", "/v1/log?limit=200")).body)).toContain("routine.created")
  })

  it("begins nothing while all work is stopped", async () => {
    const id = await idOf()
    await server.call("POST", "/v1/stop-all", {})
    const refused = await server.call("POST", `${path}/${id}/run`)
    await server.call("DELETE", "/v1/stop-all")
    expect([refused.status, refused.body.code]).toEqual([409, "all-stopped"])
    expect((await server.call("GET", `${path}/${id}/runs`)).body).toEqual({ items: [] })
  })
})
