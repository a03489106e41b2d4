import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { auditOf, type OperationId, operations, permissionOf } from "@aegis/openapi-contract"
import { describe, expect, it } from "vitest"
import { AccessNotes } from "../src/access-notes.ts"
import { bearer, codeOf, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>
type Written = (typeof operations)[OperationId] & { readonly operationId: OperationId }

/** What stands in the way of a write, and then the write itself. */
interface Case {
  /** What the server has for a policy, if it needs one. */
  readonly policy?: string
  prepare?(server: Server): Promise<string>
  write(server: Server, id: string): Promise<{ readonly status: number }>
  /** Through which door it is; a page's cookie comes with a login. */
  readonly via?: "dashboard"
  /** Who is named, where it is not the local key. */
  readonly actor?: object
}

const session = (prompt?: string, until?: string) => async (server: Server) => {
  const { id } = await server.create(temporary("work"), prompt, { reuse: false })
  if (until !== undefined) await server.untilLogged(id, until)
  return id as string
}
const driven = async (server: Server) => {
  const id = await session()(server)
  await server.call("POST", `/v1/sessions/${id}/driver/claim`)
  return id
}
const asking = session(script("run echo hi", "wait"), "approval.requested")
const working = session(script("say up", "wait"), "message.delta")
const key = async (server: Server) => (await server.createKey("viewer")).id
const template = async (server: Server) => (await server.call("POST", "/v1/templates", { name: "one" })).body.id
const pipeline = () => ({ name: "one", workDir: temporary("work"), stages: [{ name: "a", prompt: script("wait") }] })
const routine = () => ({ name: "one", cron: "0 0 1 1 *", workDir: temporary("work"), prompt: script("wait") })
const routineId = async (server: Server) => (await server.call("POST", "/v1/routines", routine())).body.id
const on = (method: string, action: string, body?: unknown) => (server: Server, id: string) =>
  server.call(method, `/v1/sessions/${id}${action}`, body)

const agent = { kind: "agent", id: "external", via: "hook" }
const hook = (server: Server, path: string) =>
  server.call("POST", path, { session_id: "c", cwd: "/" }, { "X-Hook-Secret": server.hookSecret })

const cases: Readonly<Partial<Record<OperationId, Case>>> = {
  createSession: { write: (server) => server.call("POST", "/v1/sessions", { workDir: temporary("work") }) },
  batchCreateSessions: {
    write: (server) => server.call("POST", "/v1/sessions/batch", { sessions: [{ workDir: temporary("work") }] }),
  },
  spawnChild: { prepare: session(), write: on("POST", "/spawn", {}) },
  killSession: { prepare: session(), write: on("DELETE", "") },
  batchKillSessions: {
    prepare: session(),
    write: (server, id) => server.call("DELETE", `/v1/sessions/batch?id=${id}`),
  },
  updateSession: { prepare: session(), write: on("PATCH", "", { name: "other" }) },
  setSessionMode: { prepare: session(), write: on("PUT", "/mode", { permissionMode: "plan" }) },
  setSessionOptions: { prepare: session(), write: on("PUT", "/options", { options: { effort: "high" } }) },
  claimDriver: { prepare: session(), write: on("POST", "/driver/claim") },
  releaseDriver: { prepare: driven, write: on("POST", "/driver/release") },
  transferDriver: { prepare: driven, write: on("POST", "/driver/transfer", { targetKeyId: "local" }) },
  forkSession: { prepare: session(script("say one"), "turn.ended"), write: on("POST", "/fork") },
  sendMessage: { prepare: session(), write: on("POST", "/send", { text: script("say one") }) },
  sendCommand: {
    prepare: session(script("say one"), "commands.updated"),
    write: on("POST", "/command", { command: "hello" }),
  },
  approvePermission: { prepare: asking, write: on("POST", "/approve") },
  rejectPermission: { prepare: asking, write: on("POST", "/reject") },
  answerQuestion: {
    prepare: session(script("ask Tea? | yes | no"), "question.asked"),
    write: on("POST", "/answer", { action: "decline" }),
  },
  interruptSession: { prepare: working, write: on("POST", "/interrupt") },
  escapeSession: { prepare: working, write: on("POST", "/escape") },
  pauseSession: { prepare: session(), write: on("POST", "/pause") },
  resumeSession: {
    async prepare(server) {
      const id = await session()(server)
      await server.call("POST", `/v1/sessions/${id}/pause`)
      return id
    },
    write: on("POST", "/resume"),
  },
  restartSession: {
    async prepare(server) {
      const id = await session(script("fail -32000 no"), "turn.ended")(server)
      await expect
        .poll(async () => (await server.call("GET", `/v1/sessions/${id}`)).body.status, { timeout: 10_000 })
        .toBe("error")
      return id
    },
    write: on("POST", "/restart"),
  },
  updatePolicy: { write: (server) => server.call("PUT", "/v1/policy", { policy: { version: 1 } }) },
  updateShadowPolicy: { write: (server) => server.call("PUT", "/v1/policy/shadow", { policy: { version: 1 } }) },
  updateSessionPolicy: { prepare: session(), write: on("PUT", "/permissions", { policy: { version: 1 } }) },
  extendBudget: {
    policy: "{ version: 1, budgets: [{ scope: session, usd: 1 }] }",
    prepare: session(),
    write: on("POST", "/budget", { usd: 1, account: "session" }),
  },
  stopAll: { write: (server) => server.call("POST", "/v1/stop-all") },
  liftStopAll: {
    async prepare(server) {
      await server.call("POST", "/v1/stop-all")
      return ""
    },
    write: (server) => server.call("DELETE", "/v1/stop-all"),
  },
  createApiKey: { write: (server) => server.call("POST", "/v1/auth/keys", { name: "a", role: "viewer" }) },
  updateApiKey: {
    prepare: key,
    write: (server, id) => server.call("PATCH", `/v1/auth/keys/${id}`, { name: "another" }),
  },
  rotateApiKey: { prepare: key, write: (server, id) => server.call("POST", `/v1/auth/keys/${id}/rotate`) },
  revokeApiKey: { prepare: key, write: (server, id) => server.call("DELETE", `/v1/auth/keys/${id}`) },
  createLoginCode: { write: (server) => server.call("POST", "/v1/auth/login-code") },
  exchangeLoginCode: {
    prepare: async (server) => (await server.call("POST", "/v1/auth/login-code")).body.url,
    write: (server, link) => server.call("POST", "/v1/auth/exchange", { code: codeOf(link) }, {}),
    via: "dashboard",
  },
  logout: {
    prepare: async (server) => JSON.stringify(await server.signIn()),
    write: (server, login) => server.call("POST", "/v1/auth/logout", undefined, JSON.parse(login)),
    via: "dashboard",
  },
  setMemory: { write: (server) => server.call("POST", "/v1/memory", { key: "a/b", value: "x" }) },
  deleteMemory: {
    async prepare(server) {
      await server.call("POST", "/v1/memory", { key: "a/b", value: "x" })
      return "a/b"
    },
    write: (server, name) => server.call("DELETE", `/v1/memory/${name}`),
  },
  createTemplate: { write: (server) => server.call("POST", "/v1/templates", { name: "one" }) },
  updateTemplate: {
    prepare: template,
    write: (server, id) => server.call("PUT", `/v1/templates/${id}`, { name: "other" }),
  },
  deleteTemplate: { prepare: template, write: (server, id) => server.call("DELETE", `/v1/templates/${id}`) },
  createPipeline: { write: (server) => server.call("POST", "/v1/pipelines", pipeline()) },
  cancelPipeline: {
    prepare: async (server) => (await server.call("POST", "/v1/pipelines", pipeline())).body.id,
    write: (server, id) => server.call("DELETE", `/v1/pipelines/${id}`),
  },
  createRoutine: { write: (server) => server.call("POST", "/v1/routines", routine()) },
  updateRoutine: {
    prepare: routineId,
    write: (server, id) => server.call("PATCH", `/v1/routines/${id}`, { enabled: false }),
  },
  runRoutine: { prepare: routineId, write: (server, id) => server.call("POST", `/v1/routines/${id}/run`) },
  deleteRoutine: { prepare: routineId, write: (server, id) => server.call("DELETE", `/v1/routines/${id}`) },
  exportAudit: { write: (server) => exported(server, "?format=csv") },
  receiveHook: { write: (server) => hook(server, "/v1/hooks/SessionStart"), actor: agent },
  receiveSessionHook: {
    prepare: async (server) => {
      await hook(server, "/v1/hooks/SessionStart")
      return (await server.call("GET", "/v1/sessions")).body.items[0].id
    },
    write: (server, id) => hook(server, `/v1/sessions/${id}/hooks/Stop`),
    actor: agent,
  },
}

/** An export is no JSON: only that it came. */
async function exported(server: Server, query: string) {
  const response = await fetch(`${server.url}/v1/audit/export${query}`, { headers: bearer(server.server.token) })
  await response.text()
  return { status: response.status, headers: response.headers, body: undefined }
}

function policyFile(text: string) {
  const file = join(temporary("policy"), "policy.yaml")
  writeFileSync(file, text)
  return file
}

/** What takes more than this machine may have is tried where that is asked for. */
const elsewhere: Readonly<Record<string, string>> = { takeScreenshot: "screenshot.test.ts" }

const writes = (Object.values(operations) as Written[]).filter((operation) => auditOf(operation) !== "none")

async function entries(server: Server, query: string) {
  const { body } = await server.call("GET", `/v1/audit?limit=200${query}`)
  return body.items as { readonly type: string; readonly actor: unknown; readonly data: Record<string, unknown> }[]
}

/** Other marks are no permission that a key could lack. */
function isForSome(operation: Written) {
  return permissionOf(operation).includes(".")
}

function slices<T>(items: readonly T[], length: number): T[][] {
  return items.length === 0 ? [] : [items.slice(0, length), ...slices(items.slice(length), length)]
}

describe("what the contract says that a write leaves", () => {
  it("is tried for every write that there is", () => {
    expect([...Object.keys(cases), ...Object.keys(elsewhere)].toSorted()).toEqual(
      writes.map(({ operationId }) => operationId).toSorted(),
    )
  })

  it.each(
    writes
      .filter(({ operationId }) => !Object.hasOwn(elsewhere, operationId))
      .map((operation) => [operation.operationId, auditOf(operation)] as const),
  )("%s leaves one %s, with who did it and by which door", async (operationId, type) => {
    const {
      policy,
      prepare,
      write,
      via = "rest",
      actor = { kind: "key", id: "local", via },
    } = cases[operationId] as Case
    const server = await start(policy === undefined ? {} : { config: { policy: { file: policyFile(policy) } } })
    const id = (await prepare?.(server)) ?? ""
    const before = server.server.aegis.head()
    expect((await write(server, id)).status).toBeLessThan(300)
    const left = await entries(server, `&after=${before}&type=${type}`)
    expect(left.map(({ actor }) => actor)).toEqual([actor])
    expect(JSON.stringify(left)).not.toContain(server.server.token)
    if (operationId === "exchangeLoginCode") expect(JSON.stringify(left)).not.toContain(id)
  })
})

describe("what else is in the trail", () => {
  it("who took a copy of it, and of what: before its first byte, and not at all where that cannot be said", async () => {
    const server = await start()
    const { id, key } = await server.createKey("admin", { userId: "ada" })
    const head = server.server.aegis.head()
    const text = await (
      await fetch(`${server.url}/v1/audit/export?after=1&type=key.*`, { headers: bearer(key) })
    ).text()
    const [entry] = await entries(server, "&type=audit.*&after=0")
    expect(entry).toMatchObject({
      seq: head + 1,
      actor: { kind: "key", id, via: "rest" },
      data: { keyId: id, userId: "ada", tenantId: "local", format: "ndjson", filter: { after: 1, type: "key.*" } },
    })
    expect(JSON.parse(text.split("\n")[0] ?? "").checkpoint).toContain(`\n${head + 1}\n`)
    expect((await exported(server, "?format=pdf")).status).toBe(400)
    expect(await entries(server, "&type=audit.*&after=0")).toHaveLength(1)
  })

  it("when the server started, in which version and how it was set, without its secrets; and when it ended", async () => {
    const config = { ...defaults(temporary("state")), auth: { token: "canary_of_this_test_0123" } }
    const named = {
      other: { command: "/bin/true", args: ["--api-key=canary-in-an-argument-77"], env: { X: "canary" } },
    }
    const first = await start({ config, version: "1.2.3" })
    await first.server.close({ keepAgents: true })
    const second = await start({ config: { ...config, sharing: "owner", agents: { ...config.agents, named } } })
    const told = (await entries(second, "&type=server.*&after=0")).map(({ type, actor, data }) => [type, actor, data])
    const actor = { kind: "system", id: "server", via: "aegis" }
    const same = { "auth.token": "[redacted: token]", port: 0, "log.level": "silent" }
    expect(told).toMatchObject([
      ["server.started", actor, { tenantId: "local", version: "1.2.3", settings: same }],
      ["server.ended", actor, { tenantId: "local", agents: "kept" }],
      ["server.started", actor, { settings: { ...same, sharing: "owner", "agents.other": { command: "/bin/true" } } }],
    ])
    expect(JSON.stringify(told[0])).not.toContain("sharing")
    expect(JSON.stringify(told)).not.toContain("canary")
    const stranger = await second.createKey("admin", { tenantId: "elsewhere", userId: "eve" })
    const { body } = await second.call("GET", "/v1/audit?type=server.*", undefined, bearer(stranger.key))
    expect(body.items).toEqual([])
  })
})

describe("who is kept out", () => {
  it("is in the trail: with which key, and what was tried; once, however often", async () => {
    const server = await start()
    const viewer = await server.createKey("viewer", { userId: "bo" })
    const { id } = await server.create(temporary("work"))
    const tried = () => server.call("DELETE", `/v1/sessions/${id}`, undefined, bearer(viewer.key))
    for (let times = 0; times < 5; times += 1) expect((await tried()).status).toBe(403)
    // Reading nobody is told of.
    expect((await server.call("GET", "/v1/auth/keys", undefined, bearer(viewer.key))).status).toBe(403)
    const operator = await server.createKey("operator")
    const wish = { workDir: temporary("work"), permissionMode: "bypassPermissions" }
    expect((await server.call("POST", "/v1/auth/keys", wish, bearer(operator.key))).status).toBe(403)
    const denied = await entries(server, "&type=auth.denied&after=0")
    expect(denied.map(({ actor, data }) => [actor, data])).toEqual([
      [
        { kind: "key", id: viewer.id, via: "rest" },
        { keyId: viewer.id, userId: "bo", tenantId: "local", operation: "killSession", count: 1 },
      ],
      [
        { kind: "key", id: operator.id, via: "rest" },
        { keyId: operator.id, userId: "local", tenantId: "local", operation: "createApiKey", count: 1 },
      ],
    ])
  })

  // As many as are told by name in a minute.
  it.each(slices(writes.filter(isForSome), 20))(
    "is in the trail for each write that there is (%#)",
    async (...refused) => {
      const server = await start()
      const nobody = await server.createKey("custom", { permissions: ["session.read"], userId: "bo" })
      const { id } = await server.create(temporary("work"))
      for (const { method, path, operationId } of refused) {
        const address = path.replace("{id}", path.startsWith("/v1/auth/") ? nobody.id : id)
        for (let times = 0; times < 2; times++) {
          const { status, body } = await server.call(method.toUpperCase(), address, undefined, bearer(nobody.key))
          expect([operationId, status, body.code]).toEqual([operationId, 403, "permission-missing"])
        }
      }
      const data = { keyId: nobody.id, userId: "bo", tenantId: "local", count: 1 }
      expect((await entries(server, "&type=auth.denied&after=0")).map((entry) => [entry.actor, entry.data])).toEqual(
        refused.map(({ operationId }) => [
          { kind: "key", id: nobody.id, via: "rest" },
          { ...data, operation: operationId },
        ]),
      )
    },
  )

  it("also by what an operation itself refuses", async () => {
    const server = await start()
    const modest = await server.createKey("custom", { permissions: ["session.create"] })
    const wish = { workDir: temporary("work"), permissionMode: "bypassPermissions" }
    expect((await server.call("POST", "/v1/sessions", wish, bearer(modest.key))).status).toBe(403)
    expect(await entries(server, "&type=auth.denied")).toMatchObject([{ data: { operation: "createSession" } }])
  })

  it("is in the trail: wrong credentials and login codes, by their address, and never what was guessed", async () => {
    const server = await start()
    for (let times = 0; times < 3; times += 1)
      expect((await server.call("GET", "/v1/sessions", undefined, bearer("agk_canary_of_this_test"))).status).toBe(401)
    expect((await server.call("POST", "/v1/auth/exchange", { code: "canary-of-this-test" }, {})).status).toBe(401)
    const failed = await entries(server, "&type=auth.failed")
    expect(failed).toMatchObject([
      { actor: { kind: "system", id: "door", via: "rest" }, data: { address: "127.0.0.1", count: 1 } },
    ])
    expect(JSON.stringify(await entries(server, ""))).not.toMatch(/canary/)
    // How often it was is told when the time is over, or the server ends.
    const config = defaults(temporary("state"))
    const first = await start({ config })
    for (let times = 0; times < 5; times += 1) await first.call("GET", "/v1/sessions", undefined, bearer("wrong"))
    await first.server.close()
    const second = await start({ config })
    const counts = (await entries(second, "&type=auth.failed&after=0")).map(({ data }) => data.count)
    expect(counts).toEqual([1, 4])
  })

  it("fills no disk: of many addresses and operations most are counted together", async () => {
    const told: unknown[] = []
    const aegis = { tellAccess: async (_: unknown, change: { readonly data: unknown }) => void told.push(change.data) }
    const notes = new AccessNotes({ aegis, logger: { warn() {} }, windowMs: 60_000 })
    for (let address = 0; address < 250; address += 1) await notes.failed(`10.0.0.${address}`, "rest")
    const principal = { keyId: "k", userId: "u", tenantId: "t", role: "viewer", credential: "key" } as const
    for (let operation = 0; operation < 100; operation += 1)
      await notes.denied({ principal, tag: "" }, { operation: `o${operation}`, via: "rest" })
    await notes.close()
    expect(told).toHaveLength(2 * 21 + 2)
    expect(told.slice(-2)).toEqual([
      { address: "others", count: 229 },
      { keyId: "k", userId: "u", tenantId: "t", operation: "others", count: 79 },
    ])
  })
})
