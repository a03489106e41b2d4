import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>
interface Result {
  readonly id: string
  readonly session?: { readonly id: string; readonly status: string }
  readonly problem?: { readonly status: number; readonly code: string }
}

const batch = (server: Server, body: object, { key = server.server.token, idempotencyKey = "" } = {}) =>
  server.call("POST", "/v1/sessions/batch", body, {
    ...bearer(key),
    ...(idempotencyKey === "" ? {} : { "Idempotency-Key": idempotencyKey }),
  })
const kill = (server: Server, query: string, { key = server.server.token, idempotencyKey = "" } = {}) =>
  server.call("DELETE", `/v1/sessions/batch${query}`, undefined, {
    ...bearer(key),
    ...(idempotencyKey === "" ? {} : { "Idempotency-Key": idempotencyKey }),
  })
const idsOf = ({ results }: { readonly results: readonly Result[] }) => results.map(({ session }) => session?.id)
const codesOf = ({ results }: { readonly results: readonly Result[] }) =>
  results.map(({ problem }) => (problem ? [problem.status, problem.code] : "fine"))
const listed = async (server: Server, query = "") =>
  (await server.call("GET", `/v1/sessions?limit=200${query}`)).body.items.map(({ id }: { readonly id: string }) => id)
const denials = async (server: Server) =>
  (await server.call("GET", "/v1/audit?type=auth.denied")).body.items.map(
    ({ data }: { readonly data: { readonly operation: string } }) => data.operation,
  )
/** With it sessions are made, and no agent begins. */
const stopAll = (server: Server) => server.call("POST", "/v1/stop-all")

describe("a batch of sessions", () => {
  it("is created in its order, each with its own prompt and answer, in one folder too", async () => {
    const server = await start()
    const workDir = temporary("work")
    const sessions = ["one", "two", "three"].map((name) => ({ workDir, name, prompt: script(`say ${name}`) }))
    const { status, body } = await batch(server, { sessions })
    expect([status, body]).toMatchObject([201, { created: 3, reused: 0, failed: 0 }])
    expect(body.results).toMatchObject(
      sessions.map(({ name }, index) => ({
        index,
        session: { name, reused: false, owner: "local", promptDelivery: { turnId: expect.any(String) } },
      })),
    )
    expect(await listed(server)).toEqual(idsOf(body).toReversed())
    for (const { session } of body.results) {
      const frames = await server.streamUntil(`/v1/sessions/${session.id}/events`, isEvent("turn.ended"))
      expect(JSON.stringify(frames)).toContain(`\\"text\\":\\"${session.name}`)
    }
  })

  it("holds no refused one against the others; each gets the answer and the note that it would get alone", async () => {
    const server = await start()
    await stopAll(server)
    const operator = await server.createKey("custom", { permissions: ["session.create", "session.read"] })
    const workDir = temporary("work")
    const sessions = [
      { workDir: join(workDir, "none") },
      { workDir, agent: "nobody" },
      { workDir, permissionMode: "bypassPermissions" },
      { template: "none" },
      { workDir, parentId: "00000000-0000-4000-8000-000000000000" },
      { workDir, prompt: "Work." },
    ]
    const { status, body } = await batch(server, { sessions }, operator)
    expect([status, body.created, body.failed]).toEqual([201, 1, 5])
    expect(codesOf(body)).toEqual([
      [400, "workdir-invalid"],
      [422, "agent-unknown"],
      [403, "permission-missing"],
      [404, "template-not-found"],
      [404, "session-not-found"],
      "fine",
    ])
    const alone = await server.call("POST", "/v1/sessions", sessions[0], bearer(operator.key))
    expect(body.results[0].problem).toEqual({ ...alone.body, requestId: body.results[0].problem.requestId })
    expect(await denials(server)).toEqual(["batchCreateSessions"])
    const none = await batch(server, { sessions: sessions.slice(0, 2) }, operator)
    expect([none.status, none.body.created, none.body.failed]).toEqual([200, 0, 2])
    expect(await listed(server)).toEqual([idsOf(body).at(-1)])
  })

  it("reuses an idle session for one of them, and never one of its own", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = await server.create(workDir)
    await expect
      .poll(async () => (await server.call("GET", `/v1/sessions/${id}`)).body.status, { timeout: 10_000 })
      .toBe("idle")
    const { status, body } = await batch(server, { sessions: [{ workDir }, { workDir }] })
    expect([status, body.created, body.reused]).toEqual([201, 1, 1])
    expect(idsOf(body)).toEqual([id, expect.not.stringMatching(id)])
    const again = await batch(server, { sessions: [{ workDir, prompt: script("say yes") }] })
    expect([again.status, again.body.reused, idsOf(again.body)]).toEqual([200, 1, [expect.any(String)]])
  })

  it("is refused as a whole where it does not fit: too many, none, a wrong field, and nothing is done", async () => {
    const server = await start()
    const workDir = temporary("work")
    for (const wish of [
      { sessions: [] },
      { sessions: Array.from({ length: 51 }, () => ({ workDir })) },
      { sessions: [{ workDir }, { workDir, nonsense: 1 }] },
      { sessions: [{ workDir }, {}] },
      { sessions: [{ workDir, reuse: true }], atomic: true },
      { sessions: [{ workDir }], nonsense: 1 },
    ]) {
      const { status, body } = await batch(server, wish)
      expect([status, body.code]).toEqual([400, "request-invalid"])
    }
    const wrong = await batch(server, { sessions: [{ workDir }, {}] })
    expect(wrong.body.errors).toEqual([{ path: "sessions.1.workDir", message: "Say where it is to work." }])
    const viewer = await server.createKey("viewer")
    const { status, body } = await batch(server, { sessions: [{ workDir }] }, viewer)
    expect([status, body.code]).toEqual([403, "permission-missing"])
    expect(await listed(server)).toEqual([])
  })

  it("takes fifty prompts as long as they may be", async () => {
    const server = await start()
    await stopAll(server)
    const workDir = temporary("work")
    const sessions = Array.from({ length: 50 }, () => ({ workDir, prompt: "x".repeat(100_000) }))
    expect((await batch(server, { sessions, atomic: true })).body).toMatchObject({ created: 50, failed: 0 })
  })

  it("counts as many requests as it has sessions", async () => {
    const { rateLimit } = defaults(temporary("state"))
    const server = await start({ config: { rateLimit: { ...rateLimit, requestsPerKey: 3 } } })
    const { key } = await server.createKey("operator")
    const workDir = temporary("work")
    const sessions = Array.from({ length: 5 }, () => ({ workDir, reuse: false }))
    const { body } = await batch(server, { sessions }, { key })
    expect(codesOf(body)).toEqual(["fine", "fine", "fine", [429, "rate-limited"], [429, "rate-limited"]])
    const other = await server.createKey("operator")
    const { status, headers } = await batch(server, { sessions, atomic: true }, other)
    expect([status, Number(headers.get("Retry-After"))]).toEqual([429, expect.any(Number)])
    expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0)
  })
})

describe("a batch that is atomic", () => {
  it("is created with all prompts in one append, and reuses none", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = await server.create(workDir)
    await expect
      .poll(async () => (await server.call("GET", `/v1/sessions/${id}`)).body.status, { timeout: 10_000 })
      .toBe("idle")
    const sessions = [{ workDir }, { workDir, prompt: script("say two") }]
    const { status, body } = await batch(server, { sessions, atomic: true })
    expect([status, body.created, body.reused]).toEqual([201, 2, 0])
    expect(idsOf(body)).not.toContain(id)
    expect(body.results[0].session).not.toHaveProperty("promptDelivery")
    expect(body.results[1].session).toMatchObject({ reused: false, promptDelivery: { status: expect.any(String) } })
    const [first, second] = idsOf(body)
    await server.untilLogged(second ?? "", "turn.ended")
    const made = (await server.server.aegis.readEvents({ types: ["session.created", "turn.requested"] }))
      .filter(({ stream }) => stream !== id)
      .map(({ seq, stream, type }) => [seq, stream, type] as const)
    const begins = made[0]?.[0] ?? 0
    expect(made).toEqual([
      [begins, first, "session.created"],
      [begins + 1, second, "session.created"],
      [begins + 2, second, "turn.requested"],
    ])
  })

  it("is refused where one of them is, says which and why, and leaves nothing behind", async () => {
    const server = await start()
    const workDir = temporary("work")
    const head = server.server.aegis.head()
    const sessions = [{ workDir, prompt: script("say one") }, { workDir, agent: "nobody" }, { workDir }]
    const { status, body, headers } = await batch(server, { sessions, atomic: true }, { idempotencyKey: "k" })
    expect([status, headers.get("Content-Type")]).toEqual([422, "application/problem+json"])
    expect(body).toMatchObject({
      code: "agent-unknown",
      detail: expect.stringMatching(/^None of them is created: There is no agent "nobody"/),
      errors: [{ path: "sessions.1", message: expect.stringMatching(/^There is no agent "nobody"/) }],
    })
    expect(server.server.aegis.head()).toBe(head)
    const modest = await server.createKey("custom", { permissions: ["session.create"] })
    const lax = { sessions: [{ workDir }, { workDir, permissionMode: "bypassPermissions" }], atomic: true }
    expect((await batch(server, lax, modest)).body.code).toBe("permission-missing")
    expect(await denials(server)).toEqual(["batchCreateSessions"])
    // The key of what was refused is free.
    const fine = { sessions: [{ workDir }], atomic: true }
    expect((await batch(server, fine, { idempotencyKey: "k" })).status).toBe(201)
  })

  it("has no more children than a session may have, counted together", async () => {
    const server = await start()
    await stopAll(server)
    const workDir = temporary("work")
    const { id: parentId } = await server.create(workDir)
    const children = (count: number) => ({
      atomic: true,
      sessions: Array.from({ length: count }, () => ({ workDir, parentId })),
    })
    const { status, body } = await batch(server, children(21))
    expect([status, body.code]).toEqual([409, "too-many-children"])
    expect(await listed(server)).toEqual([parentId])
    expect((await batch(server, children(20))).body.created).toBe(20)
  })
})

describe("an Idempotency-Key of a batch", () => {
  it.each([false, true])("makes it happen once (atomic: %s), and with another request is refused", async (atomic) => {
    const server = await start()
    await stopAll(server)
    const workDir = temporary("work")
    const wish = {
      atomic,
      sessions: [
        { workDir, prompt: "One." },
        { workDir, prompt: "Two." },
        { workDir, reuse: false },
      ],
    }
    const [first, ...others] = await Promise.all(
      Array.from({ length: 20 }, () => batch(server, wish, { idempotencyKey: "k" })),
    )
    const again = await batch(server, wish, { idempotencyKey: "k" })
    const told = (reply: typeof again) => [
      reply.status,
      idsOf(reply.body),
      reply.body.results.map(
        ({ session }: { session: { promptDelivery?: { turnId: string } } }) => session.promptDelivery?.turnId,
      ),
    ]
    for (const other of [...others, again]) expect(told(other)).toEqual(told(first ?? again))
    expect(again.status).toBe(201)
    expect(await listed(server)).toHaveLength(3)
    const other = await batch(server, { ...wish, sessions: [{ workDir }] }, { idempotencyKey: "k" })
    expect([other.status, other.body.code]).toEqual([422, "idempotency-mismatch"])
    expect(await listed(server)).toHaveLength(3)
  })

  it("tries again what was refused, and gives again what is there", async () => {
    const server = await start()
    await stopAll(server)
    const [workDir, late] = [temporary("work"), join(temporary("work"), "late")]
    const wish = { sessions: [{ workDir }, { workDir: late }] }
    const first = await batch(server, wish, { idempotencyKey: "k" })
    expect(codesOf(first.body)).toEqual(["fine", [400, "workdir-invalid"]])
    mkdirSync(late)
    const second = await batch(server, wish, { idempotencyKey: "k" })
    expect(codesOf(second.body)).toEqual(["fine", "fine"])
    expect(idsOf(second.body)[0]).toBe(idsOf(first.body)[0])
    expect(await listed(server)).toHaveLength(2)
  })
})

describe("a batch of sessions to end", () => {
  it("ends those that are named, and says of each what has become of it", async () => {
    const server = await start()
    const [ada, stranger] = [
      await server.createKey("operator", { userId: "ada" }),
      await server.createKey("operator", { tenantId: "elsewhere" }),
    ]
    const make = async (key: string) =>
      (await server.call("POST", "/v1/sessions", { workDir: temporary("work"), reuse: false }, bearer(key))).body.id
    const [own, other, another, strange] = [
      await make(ada.key),
      await make(ada.key),
      await make(server.server.token),
      await make(stranger.key),
    ]
    const query = [own, "none", another, strange, other, own].map((id) => `id=${id}`).join("&")
    const { status, body } = await kill(server, `?${query}`, ada)
    expect([status, body.killed, body.failed, body.hasMore]).toEqual([200, 2, 3, false])
    expect(body.results.map(({ id }: Result) => id)).toEqual([own, "none", another, strange, other])
    expect(codesOf(body)).toEqual([
      "fine",
      [404, "session-not-found"],
      [403, "permission-missing"],
      [404, "session-not-found"],
      "fine",
    ])
    expect(body.results.map(({ session }: Result) => session?.status)).toEqual([
      "killed",
      undefined,
      undefined,
      undefined,
      "killed",
    ])
    expect(await denials(server)).toEqual(["batchKillSessions"])
    expect(await listed(server, "&status=killed")).toEqual([other, own])
    for (const id of [own, other]) await server.untilLogged(id, "session.killed")
    // One by itself, and again.
    expect((await kill(server, `?id=${own}`, ada)).body).toMatchObject({ killed: 1, failed: 0 })
  })

  it("ends those that match and that one may end, and leaves those that are only observed", async () => {
    const server = await start()
    await stopAll(server)
    const [first, second] = [temporary("work"), temporary("work")]
    const ada = await server.createKey("operator", { userId: "ada" })
    const make = async (workDir: string, key: string) =>
      (await server.call("POST", "/v1/sessions", { workDir, reuse: false }, bearer(key))).body.id
    const [one, two] = [await make(first, ada.key), await make(second, ada.key)]
    const others = await make(first, server.server.token)
    const hook = { session_id: "c", cwd: first }
    await server.call("POST", "/v1/hooks/SessionStart", hook, { "X-Hook-Secret": server.hookSecret })
    const [observed] = await listed(server, "&agent=external")
    expect(idsOf((await kill(server, `?workDir=${encodeURIComponent(first)}`, ada)).body)).toEqual([one])
    expect(idsOf((await kill(server, "?status=working", ada)).body)).toEqual([])
    expect(idsOf((await kill(server, "?status=pending", ada)).body)).toEqual([two])
    expect(idsOf((await kill(server, "?agent=external")).body)).toEqual([])
    expect(codesOf((await kill(server, `?id=${observed}`)).body)).toEqual([[409, "not-driven"]])
    // Admins end everybody's of their tenant.
    const admin = await server.createKey("admin", { userId: "eve" })
    expect(idsOf((await kill(server, "?agent=demo", admin)).body)).toEqual([others])
  })

  it("is fifty at most, and says when others match", async () => {
    const server = await start()
    await stopAll(server)
    const workDir = temporary("work")
    const made = await batch(server, { atomic: true, sessions: Array.from({ length: 50 }, () => ({ workDir })) })
    const oldest = idsOf(made.body)[0]
    await server.create(workDir, undefined, { reuse: false })
    const first = await kill(server, "?agent=demo")
    expect([first.body.killed, first.body.hasMore]).toEqual([50, true])
    const second = await kill(server, "?agent=demo")
    expect([idsOf(second.body), second.body.hasMore]).toEqual([[oldest], false])
  })

  it.each(["", "?status=killed", "?id=a&status=idle", `?${"id=a&".repeat(51)}`, "?nonsense=1", "?id="])(
    "is refused where it does not say which, or too many (%#)",
    async (query) => {
      const server = await start()
      const { id } = await server.create(temporary("work"))
      expect((await kill(server, query)).body).toMatchObject({ status: 400, code: "request-invalid" })
      expect((await server.call("GET", `/v1/sessions/${id}`)).body.status).not.toBe("killed")
    },
  )

  it("under an Idempotency-Key ends what it ended, and nothing that has come since", async () => {
    const server = await start()
    await stopAll(server)
    const make = async () => (await server.create(temporary("work"))).id
    const [first, second] = [await make(), await make()]
    const once = () => kill(server, "?agent=demo", { idempotencyKey: "k" })
    expect(idsOf((await once()).body)).toEqual([second, first])
    const third = await make()
    const again = await once()
    expect([idsOf(again.body), again.body.hasMore]).toEqual([[second, first], true])
    expect((await server.call("GET", `/v1/sessions/${third}`)).body.status).toBe("pending")
    const other = await kill(server, `?id=${third}`, { idempotencyKey: "k" })
    expect([other.status, other.body.code]).toEqual([422, "idempotency-mismatch"])
    expect((await server.call("GET", `/v1/sessions/${third}`)).body.status).toBe("pending")
  })
})
