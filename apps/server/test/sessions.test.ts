import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, isEvent, PATIENT_MS, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

describe("a session over HTTP", () => {
  it("goes from prompt over approval to file, transcript and end", async () => {
    const server = await start({ deliveryWaitMs: PATIENT_MS })
    const workDir = temporary("work")
    const created = await server.call("POST", "/sessions", {
      workDir,
      prompt: script("say Working.", "write a.txt Hello"),
      labels: { team: "x" },
    })
    expect(created).toMatchObject({
      status: 201,
      body: {
        reused: false,
        owner: "local",
        agent: "demo",
        permissionMode: "default",
        labels: { team: "x" },
        promptDelivery: { delivered: true, attempts: 1, status: "delivered" },
      },
    })
    const path = `/v1/sessions/${created.body.id}`
    await server.streamUntil(`${path}/events`, isEvent("approval.requested"))
    expect((await server.call("GET", path)).body).toMatchObject({ status: "permission_prompt", pendingApprovals: 1 })
    const [open] = (await server.call("GET", `${path}/approvals?status=open`)).body.items
    expect(open).toMatchObject({ status: "open", tool: { kind: "edit" }, decidedBy: null })
    expect(
      await server.call("POST", `${path}/approve`, undefined, {
        Authorization: `Bearer ${server.server.token}`,
        "Content-Type": "application/json",
      }),
    ).toMatchObject({
      status: 200,
      body: { approvalId: open.approvalId, status: "approved", decidedBy: { id: "local", via: "rest" } },
    })
    await server.streamUntil(`${path}/events`, isEvent("turn.ended"))
    expect(readFileSync(join(workDir, "a.txt"), "utf8")).toBe("Hello")

    expect((await server.call("POST", `${path}/approve`, { approvalId: open.approvalId })).status).toBe(200)
    expect(await server.call("POST", `${path}/reject`, { approvalId: open.approvalId })).toMatchObject({
      status: 409,
      body: { code: "approval-consumed", detail: expect.stringContaining("approved by local") },
    })

    const cursor = (await server.call("GET", `${path}/transcript/cursor?limit=2`)).body
    expect(cursor).toMatchObject({ has_more: true, oldest_id: expect.any(Number), newest_id: expect.any(Number) })
    const older = (await server.call("GET", `${path}/transcript/cursor?limit=200&before_id=${cursor.oldest_id}`)).body
    const whole = (await server.call("GET", `${path}/read`)).body
    expect([...older.messages, ...cursor.messages]).toEqual(whole.messages)
    expect(whole).toMatchObject({ total: whole.messages.length, offset: 0, status: "idle" })
    expect((await server.call("GET", `${path}/transcript/cursor?role=user`)).body.messages).toHaveLength(1)

    expect((await server.call("DELETE", path)).body.status).toBe("killed")
    expect((await server.call("GET", path)).body.status).toBe("killed")
    expect(await server.call("POST", `${path}/send`, { text: "late" })).toMatchObject({
      status: 409,
      body: { code: "session-ended" },
    })
  })

  it("is told to be stalled after the configured silence", async () => {
    const config = defaults(temporary("state"))
    const server = await start({ config: { ...config, agent: { ...config.agent, stallThresholdMs: 50 } } })
    const { id } = await server.create(temporary("work"), script("wait"))
    await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("session.stalled"))
    expect((await server.call("GET", `/v1/sessions/${id}`)).body.health).toEqual({ stalled: true })
  })

  it("is paused and resumed, escaped, and restarted where it has failed", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("say one", "run echo hi", "wait"))
    const path = `/v1/sessions/${id}`
    await server.streamUntil(`${path}/events`, isEvent("approval.requested"))
    expect(await server.call("POST", `${path}/pause`, { reason: "lunch" })).toMatchObject({
      status: 200,
      body: { paused: true, status: "permission_prompt", health: { stalled: false } },
    })
    expect(await server.call("POST", `${path}/escape`)).toMatchObject({ status: 200, body: { ok: true } })
    await server.streamUntil(`${path}/events`, isEvent("turn.ended"))
    expect((await server.call("POST", `${path}/send`, { text: script("fail -32000 no") })).body.queued).toBe(false)
    expect((await server.call("GET", path)).body).toMatchObject({
      status: "idle",
      queuedPrompts: 1,
      pendingApprovals: 0,
    })
    expect((await server.call("POST", `${path}/escape`)).status).toBe(200)
    expect(await server.call("POST", `${path}/restart`)).toMatchObject({
      status: 409,
      body: { code: "not-restartable" },
    })
    expect((await server.call("POST", `${path}/resume`)).body).toMatchObject({ paused: false })
    const failed = (frame: { readonly data?: string }) => (frame.data ?? "").includes('"status":"error"')
    await server.streamUntil(`${path}/events`, failed)
    expect((await server.call("POST", `${path}/restart`, {})).status).toBe(200)
    expect((await server.call("POST", `${path}/pause`, { why: "x" })).status).toBe(400)
  })

  it("reuses an idle one, queues behind a busy one, interrupts, answers", async () => {
    const server = await start()
    const workDir = temporary("work")
    const first = await server.create(workDir, script("say one"))
    await server.streamUntil(`/v1/sessions/${first.id}/events`, isEvent("turn.ended"))
    const again = await server.call("POST", "/v1/sessions", { workDir, prompt: script("wait") })
    expect(again).toMatchObject({ status: 200, body: { id: first.id, reused: true } })
    const path = `/v1/sessions/${first.id}`
    expect(await server.call("POST", `${path}/send`, { text: script("ask Tea? | yes | no") })).toMatchObject({
      status: 202,
      body: { ok: true, queued: true, delivered: false },
    })
    expect(await server.call("POST", `${path}/send`, { text: "x", whenBusy: "reject" })).toMatchObject({
      status: 409,
      body: { code: "turn-busy" },
    })
    expect((await server.call("POST", `${path}/interrupt`)).body).toEqual({ ok: true })
    const frames = await server.streamUntil(`${path}/events`, isEvent("question.asked"))
    const schema = JSON.parse(frames.at(-1)?.data ?? "").data.schema
    const [field = ""] = Object.keys(schema.properties)
    expect(await server.call("POST", `${path}/answer`, { content: { [field]: 7 } })).toMatchObject({
      status: 422,
      body: { code: "answer-invalid" },
    })
    expect((await server.call("POST", `${path}/answer`, { action: "decline" })).status).toBe(200)
    await server.streamUntil(
      `${path}/events`,
      (frame) =>
        frame.event === "turn.ended" &&
        frame.data?.includes("end_turn") === true &&
        Number(frame.id) > Number(frames.at(-1)?.id),
    )
    expect(await server.call("POST", `${path}/interrupt`)).toMatchObject({ status: 409, body: { code: "no-turn" } })
    expect(await server.call("POST", `${path}/answer`, { action: "decline" })).toMatchObject({
      status: 409,
      body: { code: "question-not-found" },
    })
  })

  it("is listed newest first, in pages, by state, folder and agent", async () => {
    const server = await start()
    const made: string[] = []
    for (let n = 0; n < 3; n++) made.unshift((await server.create(temporary("work"), script(`say ${n}`))).id)
    for (const id of made) await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
    const first = (await server.call("GET", "/v1/sessions?limit=2")).body
    const second = (await server.call("GET", `/v1/sessions?limit=2&after=${first.nextCursor}`)).body
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made)
    expect(second.nextCursor).toBeUndefined()
    expect((await server.call("GET", "/v1/sessions?status=killed")).body.items).toEqual([])
    expect((await server.call("GET", "/v1/sessions?status=idle&agent=demo")).body.items).toHaveLength(3)
    expect((await server.call("GET", "/v1/agents")).body.items).toContainEqual({
      name: "demo",
      installed: true,
      isDefault: true,
    })
  })

  it("is found by its labels, by words of its name or folder, by whose it is and by its time", async () => {
    const server = await start()
    const work = temporary("work")
    const make = (name: string, labels: object) => server.create(work, undefined, { name, labels, reuse: false })
    const [docs, site] = [
      await make("Write the DOCS", { team: "web", env: "a=b" }),
      await make("site", { team: "web" }),
    ]
    const core = await make("core", { team: "core", toString: "x" })
    const { key } = await server.createKey("operator", { userId: "bo" })
    const others = (await server.call("POST", "/v1/sessions", { workDir: temporary("other") }, bearer(key))).body
    const found = async (query: string) => {
      const ids: string[] = []
      for (let after = ""; ; ) {
        const { status, body } = await server.call("GET", `/v1/sessions?limit=1&${query}${after}`)
        expect([query, status]).toEqual([query, 200])
        ids.unshift(...body.items.map(({ id }: { readonly id: string }) => id))
        if (body.nextCursor === undefined) return ids
        after = `&after=${body.nextCursor}`
      }
    }
    expect(await found("label=team%3Dweb")).toEqual([docs.id, site.id])
    expect(await found("label=team=web&label=env=a=b")).toEqual([docs.id])
    for (const none of ["label=team=web&label=team=core", "label=team=we", "label=constructor=x", "label=env="])
      expect(await found(none)).toEqual([])
    expect(await found("label=toString=x")).toEqual([core.id])
    expect(await found("q=the%20docs")).toEqual([docs.id])
    expect(await found(`q=${encodeURIComponent(work.toUpperCase())}`)).toEqual([docs.id, site.id, core.id])
    expect(await found("q=%25")).toEqual([])
    expect(await found("owner=bo")).toEqual([others.id])
    expect(await found("owner=nobody")).toEqual([])
    expect(await found(`from=${encodeURIComponent(site.createdAt)}&q=o`)).toContain(core.id)
    const inBerlin = `${new Date(Date.parse(docs.createdAt) + 3_600_000).toISOString().slice(0, -1)}+01:00`
    expect(await found(`from=${encodeURIComponent(inBerlin)}`)).toEqual([docs.id, site.id, core.id, others.id])
    expect(await found(`to=${encodeURIComponent(inBerlin)}`)).toEqual([])
    for (const bad of ["label=team", "label==x", "from=today", `q=${"x".repeat(201)}`, "label=a=b&".repeat(21)])
      expect([bad, (await server.call("GET", `/v1/sessions?${bad}`)).body.code]).toEqual([bad, "request-invalid"])
  })

  it("of others is found by nobody who may not read it, whoever is named", async () => {
    const config = defaults(temporary("state"))
    const server = await start({ config: { ...config, sharing: "owner" } })
    await server.create(temporary("work"))
    const { key } = await server.createKey("operator", { userId: "bo" })
    const look = async (query: string) =>
      (await server.call("GET", `/v1/sessions${query}`, undefined, bearer(key))).body
    for (const query of ["", "?owner=local", "?q=w", "?owner=bo"]) expect((await look(query)).items).toEqual([])
  })
})

describe("bad input", () => {
  it("gets a problem that says what to do, and makes nothing", async () => {
    const server = await start({
      config: { agents: { autoInstall: "ask", named: { gone: { command: "no-such-program" } } } },
    })
    const workDir = temporary("work")
    const wrong: [body: unknown, status: number, code: string, detail: string][] = [
      [undefined, 400, "body-invalid", "needs a body"],
      [{ workDir, promt: "typo" }, 400, "request-invalid", "promt"],
      [{ workDir: 7 }, 400, "request-invalid", "workDir"],
      [{}, 400, "request-invalid", "workDir"],
      [[], 400, "request-invalid", ""],
      [{ workDir, permissionMode: "yolo" }, 400, "request-invalid", "permissionMode"],
      [{ workDir, name: "x".repeat(201) }, 400, "request-invalid", "name"],
      [{ workDir, isolation: "docker" }, 400, "request-invalid", "isolation"],
      [{ workDir: "/no/such/folder" }, 400, "workdir-invalid", "/no/such/folder"],
      [{ workDir: "/proc" }, 403, "workdir-forbidden", "/proc"],
      [{ workDir: "relative" }, 400, "workdir-invalid", "absolute"],
      [{ workDir: join(workDir, "../../etc/passwd") }, 400, "workdir-invalid", ""],
      [{ workDir, agent: "nobody" }, 422, "agent-unknown", "demo"],
      [{ workDir, agent: "gone" }, 422, "agent-not-installed", "configure"],
      [{ workDir, prompt: "x".repeat(1_100_000) }, 413, "body-too-large", ""],
      [JSON.parse('{"workDir":"/","__proto__":{"admin":true}}'), 400, "request-invalid", ""],
    ]
    for (const [body, status, code, detail] of wrong) {
      const reply = await server.call("POST", "/v1/sessions", body)
      expect([code, reply.status, reply.body.code]).toEqual([code, status, code])
      expect(JSON.stringify(reply.body)).toContain(detail)
      expect(reply.headers.get("Content-Type")).toBe("application/problem+json")
      expect(reply.body.requestId).toBe(reply.headers.get("X-Request-Id"))
    }
    expect((await server.call("GET", "/v1/sessions")).body.items).toEqual([])
    expect(existsSync("/etc/AEGIS-DEMO.md")).toBe(false)
  })

  it.each(["{", "", "nul", '{"workDir":', "[".repeat(100_000), "\u0000", '"text"'])(
    "that is no JSON object (%#) is 400",
    async (text) => {
      const server = await start()
      const headers = { Authorization: `Bearer ${server.server.token}`, "Content-Type": "application/json" }
      const response = await fetch(`${server.url}/v1/sessions`, { method: "POST", headers, body: text })
      expect(response.status).toBe(400)
      expect(response.headers.get("Content-Type")).toBe("application/problem+json")
    },
  )

  it("is named in an answer that a person can read, however long it is", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const wrong = { approvalId: "x".repeat(100_000) }
    const { status, body } = await server.call("POST", `/v1/sessions/${id}/approve`, wrong)
    expect([status, body.code, body.detail.length, body.detail.slice(-2)]).toEqual([
      404,
      "approval-not-found",
      2000,
      "x…",
    ])
  })

  it("in the address is 400 or 404, never 500", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    for (const path of [
      "/v1/sessions?limit=0",
      "/v1/sessions?limit=x",
      "/v1/sessions?unknown=1",
      "/v1/sessions?status=busy",
      `/v1/sessions/${id}/log?after=-1`,
      `/v1/sessions/${id}/transcript/cursor?limit=201`,
    ])
      expect([path, (await server.call("GET", path)).status]).toEqual([path, 400])
    for (const path of [
      "/v1/sessions/nothing",
      "/v1/sessions/nothing/log",
      "/v1/sessions/%2e%2e",
      "/v1/sessions/%00",
      `/v1/sessions/${"x".repeat(5000)}`,
      "/v1//sessions",
      "/V1/sessions",
      "/v1/sessions/../health/x",
    ])
      expect([path.slice(0, 40), (await server.call("GET", path)).status]).toEqual([path.slice(0, 40), 404])
  })
})

it("an agent inherits what the configuration says of the server's environment, and nothing of the server's own", async () => {
  const env = { ...process.env, GIVEN_A: "a", GIVEN_B: "b", OTHER: "o", LANG: "C", AEGIS_SECRET: "s" }
  const server = await start({ env, config: { env: { allow: ["GIVEN_*", "AEGIS_*"], deny: ["GIVEN_B", "LANG"] } } })
  const { id } = await server.create(temporary("work"), "#script\nenv")
  await server.untilLogged(id, "turn.ended")
  const { messages } = (await server.call("GET", `/v1/sessions/${id}/transcript/cursor?role=assistant`)).body
  const names = JSON.parse(messages[0].text) as string[]
  expect(names).toEqual(expect.arrayContaining(["GIVEN_A", "PATH"]))
  for (const name of ["GIVEN_B", "OTHER", "AEGIS_SECRET", "LANG"]) expect(names).not.toContain(name)
})

it("the slash commands of a session are those that its agent has told of last", async () => {
  const server = await start()
  const { id } = await server.create(temporary("work"))
  const discover = async () => (await server.call("POST", `/v1/sessions/${id}/discover-commands`)).body.commands
  await server.untilLogged(id, "commands.updated")
  expect(await discover()).toMatchObject([{ name: "hello" }, { name: "tour", hint: "anything" }])
  await server.call("POST", `/v1/sessions/${id}/send`, { text: script("commands") })
  await server.untilLogged(id, "turn.ended")
  expect(await discover()).toEqual([{ name: "hello", description: "Only says hello" }])
  // Also when it is over.
  await server.call("DELETE", `/v1/sessions/${id}`)
  expect(await discover()).toHaveLength(1)
})
