import { describe, expect, it } from "vitest"
import { bearer, defaults, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const path = "/v1/pipelines"
const create = (server: Server, wish: object, key = server.server.token) => server.call("POST", path, wish, bearer(key))

async function keyOf(server: Server, role: string, more: object = {}) {
  const made = await server.call("POST", "/v1/auth/keys", { name: role, role, ...more })
  return String(made.body.key)
}

async function over(server: Server, id: string) {
  await expect.poll(async () => (await server.call("GET", `${path}/${id}`)).body.status).not.toBe("running")
  return (await server.call("GET", `${path}/${id}`)).body
}

describe("a pipeline", () => {
  it("runs its stages in its folder and mode, each as a session of its own, and is listed", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { status, body } = await create(server, {
      name: "pr-reviewer",
      workDir,
      permissionMode: "plan",
      stages: [
        { name: "read", prompt: "#script\nsay changed a.txt" },
        {
          name: "review",
          dependsOn: ["read"],
          prompt: "#script\nsay Fine: {{stages.read.output}}",
          permissionMode: "default",
          onFailure: "retry",
        },
      ],
    })
    expect(status).toBe(201)
    const { id, createdAt, stages } = body
    expect(body).toMatchObject({ name: "pr-reviewer", status: "running", owner: "local" })
    expect(stages[1]).toEqual({
      name: "review",
      status: "pending",
      attempts: 0,
      dependsOn: ["read"],
      onFailure: "retry",
      retries: 1,
      prompt: "#script\nsay Fine: {{stages.read.output}}",
      workDir,
      agent: "demo",
      permissionMode: "default",
    })
    const done = await over(server, id)
    expect([done.status, done.stages[1].output, done.stages[0].permissionMode]).toEqual([
      "completed",
      "Fine: changed a.txt",
      "plan",
    ])
    const { body: session } = await server.call("GET", `/v1/sessions/${done.stages[0].sessionId}`)
    expect(session).toMatchObject({
      name: "pr-reviewer / read",
      status: "completed",
      permissionMode: "plan",
      workDir,
      pipeline: { id, stage: "read", attempt: 1 },
    })
    const { body: listed } = await server.call("GET", `${path}?status=completed`)
    expect(listed.items).toMatchObject([{ id, status: "completed", createdAt, endedAt: done.endedAt }])
    expect(listed.items[0].stages[1]).not.toHaveProperty("prompt")
    expect((await server.call("GET", `${path}?status=running`)).body).toEqual({ items: [] })
  })

  it("begins a stage with a template, in its folder and with its words", async () => {
    const server = await start()
    const workDir = temporary("work")
    const fields = { name: "say", workDir, prompt: "#script\nsay {{what}}" }
    const { body: template } = await server.call("POST", "/v1/templates", fields)
    const stages = [{ name: "a", template: template.id, variables: { what: "hello" } }]
    const { status, body } = await create(server, { name: "by template", stages })
    expect([status, body.stages?.[0]?.template]).toEqual([201, { id: template.id, version: 1 }])
    expect((await over(server, body.id)).stages[0].output).toBe("hello")
  })

  it("is cancelled: what runs is killed, and it stays readable", async () => {
    const server = await start()
    const wish = { name: "no", workDir: temporary("work"), stages: [{ name: "a", prompt: "#script\nwait" }] }
    const { body } = await create(server, wish)
    await expect
      .poll(async () => (await server.call("GET", `${path}/${body.id}`)).body.stages[0].status)
      .toBe("running")
    const cancelled = await server.call("DELETE", `${path}/${body.id}`)
    expect([cancelled.status, cancelled.body.status, cancelled.body.stages[0].status]).toEqual([
      200,
      "cancelled",
      "cancelled",
    ])
    const { body: session } = await server.call("GET", `/v1/sessions/${cancelled.body.stages[0].sessionId}`)
    expect(session.status).toBe("killed")
    expect((await server.call("GET", `${path}/${body.id}`)).body).toEqual(cancelled.body)
  })

  it("is made once under one Idempotency-Key", async () => {
    const server = await start()
    const wish = { name: "once", workDir: temporary("work"), stages: [{ name: "a", prompt: "#script\nsay a" }] }
    const headers = { ...bearer(server.server.token), "Idempotency-Key": "k1" }
    const first = await server.call("POST", path, wish, headers)
    const second = await server.call("POST", path, wish, headers)
    expect([second.status, second.body.id]).toEqual([201, first.body.id])
    const other = await server.call("POST", path, { ...wish, name: "another" }, headers)
    expect([other.status, other.body.code]).toEqual([422, "idempotency-mismatch"])
  })

  const a = { name: "a", prompt: "x" }
  it.each([
    ["no stages", { stages: [] }, "stages"],
    ["51 stages", { stages: Array.from({ length: 51 }, (_, index) => ({ name: `s${index}`, prompt: "x" })) }, "stages"],
    ["a stage with nothing to do", { stages: [{ name: "a" }] }, "stages.0.prompt"],
    ["retries that nobody makes", { stages: [{ ...a, retries: 2 }] }, "stages.0.retries"],
    ["variables without a template", { stages: [{ ...a, variables: { b: "c" } }] }, "stages.0.variables"],
    ["a field that there is not", { stages: [{ ...a, autoApprove: true }] }, "stages.0"],
    ["a name that could not be referred to", { stages: [{ name: "{a}", prompt: "x" }] }, "stages.0.name"],
    ["no folder", { stages: [a], workDir: undefined }, "workDir"],
  ])("is refused with %s, and says where", async (_, wish, where) => {
    const server = await start()
    const { status, body } = await create(server, { name: "bad", workDir: temporary("work"), ...wish })
    expect([status, body.code]).toEqual([400, "request-invalid"])
    expect(body.errors.map((error: { readonly path: string }) => error.path)).toContain(where)
  })

  it("is refused where its stages are none, or a stage could have no session; nothing of it is begun", async () => {
    const server = await start()
    const workDir = temporary("work")
    const refusal = async (...stages: object[]) => (await create(server, { name: "bad", workDir, stages })).body
    expect(await refusal({ ...a, dependsOn: ["b"] })).toMatchObject({
      status: 400,
      code: "pipeline-invalid",
      detail: "This is no pipeline: stage a depends on b, and there is no such stage.",
    })
    expect(await refusal(a, { ...a, name: "b", agent: "nobody" })).toMatchObject({ status: 422, code: "agent-unknown" })
    expect(await refusal(a, { name: "b", template: "nothing" })).toMatchObject({
      status: 404,
      code: "template-not-found",
      errors: [{ path: "stages.1" }],
    })
    expect((await server.call("GET", "/v1/sessions")).body.items).toEqual([])
    expect((await server.call("GET", path)).body.items).toEqual([])
  })

  it("takes the right to begin sessions, and to ask less than the server does where a stage does", async () => {
    const server = await start()
    const wish = { name: "mine", workDir: temporary("work"), stages: [{ name: "a", prompt: "#script\nsay a" }] }
    const permissions = ["pipeline.read", "pipeline.write"]
    const writer = await keyOf(server, "custom", { permissions })
    expect((await create(server, wish, writer)).body).toMatchObject({ status: 403, code: "permission-missing" })
    const maker = await keyOf(server, "custom", { permissions: [...permissions, "session.create", "session.read"] })
    const lax = { ...wish, permissionMode: "acceptEdits" }
    expect((await create(server, lax, maker)).body).toMatchObject({ status: 403, code: "permission-missing" })
    expect((await create(server, wish, maker)).status).toBe(201)
    const viewer = await keyOf(server, "viewer")
    expect((await create(server, wish, viewer)).status).toBe(403)
    expect((await server.call("GET", path, undefined, bearer(viewer))).body.items).toHaveLength(1)
  })

  it("begins no stage with a key that was revoked meanwhile", async () => {
    const server = await start()
    const made = await server.call("POST", "/v1/auth/keys", { name: "ci", role: "operator" })
    const stages = [
      { name: "a", prompt: "#script\nask Go on? | yes | no" },
      { name: "b", dependsOn: ["a"], prompt: "#script\nsay b" },
    ]
    const { body } = await create(server, { name: "cut", workDir: temporary("work"), stages }, String(made.body.key))
    const first = async () => (await server.call("GET", `${path}/${body.id}`)).body.stages[0].sessionId
    await expect.poll(first).toBeDefined()
    const session = `/v1/sessions/${await first()}`
    await expect.poll(async () => (await server.call("GET", session)).body.status).toBe("asking")
    await server.call("DELETE", `/v1/auth/keys/${made.body.id}`)
    await server.call("POST", `${session}/answer`, { content: { choice: "no" } })
    const { status, stages: ended } = await over(server, body.id)
    expect([status, ended[0].status, ended[1].error.code]).toEqual(["failed", "completed", "key-refused"])
  })

  it("counts as one request for each of its stages", async () => {
    const { rateLimit } = defaults(temporary("state"))
    const server = await start({ config: { rateLimit: { ...rateLimit, requestsPerKey: 3 } } })
    const key = await keyOf(server, "operator")
    const workDir = temporary("work")
    const stages = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ name: `s${index}`, prompt: "#script\nsay a" }))
    const { status, body, headers } = await create(server, { name: "many", workDir, stages: stages(4) }, key)
    expect([status, body.code, body.errors]).toMatchObject([429, "rate-limited", [{ path: "stages.3" }]])
    expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0)
    const other = await keyOf(server, "operator")
    expect((await create(server, { name: "few", workDir, stages: stages(3) }, other)).status).toBe(201)
  })

  it("of another tenant is not there", async () => {
    const server = await start()
    const wish = { name: "mine", workDir: temporary("work"), stages: [{ name: "a", prompt: "#script\nsay a" }] }
    const { body } = await create(server, wish)
    const other = await keyOf(server, "admin", { tenantId: "other", userId: "eve" })
    for (const method of ["GET", "DELETE"])
      expect((await server.call(method, `${path}/${body.id}`, undefined, bearer(other))).body).toMatchObject({
        status: 404,
        code: "pipeline-not-found",
      })
    expect((await server.call("GET", path, undefined, bearer(other))).body.items).toEqual([])
    const events = await server.call("GET", "/v1/log?limit=200", undefined, bearer(other))
    expect(JSON.stringify(events.body)).not.toContain(body.id)
    const own = await server.call("GET", "/v1/log?limit=200")
    expect(JSON.stringify(own.body)).toContain("pipeline.created")
  })
})
