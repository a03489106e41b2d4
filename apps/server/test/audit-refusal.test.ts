import { execFileSync } from "node:child_process"
import { closeSync, constants, existsSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isGrant, operations } from "@aegis/openapi-contract"
import { describe, expect, it } from "vitest"
import { bearer, defaults, script, useServer } from "./server-harness.ts"
import { SocketPeer } from "./socket-peer.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

/** A server whose audit alone can be taken away, and given back. */
async function startBreakable() {
  const stateDir = temporary("state")
  const server = await start({ config: defaults(stateDir) })
  const folder = join(stateDir, "audit")
  await expect.poll(() => existsSync(join(folder, "checkpoint")), { timeout: 10_000 }).toBe(true)
  return {
    server,
    breakAudit() {
      renameSync(folder, `${folder}.away`)
      writeFileSync(folder, "In the way.")
    },
    async mend() {
      rmSync(folder)
      renameSync(`${folder}.away`, folder)
      await expect
        .poll(async () => (await server.call("GET", "/v1/health")).body.audit.status, { timeout: 10_000 })
        .toBe("ok")
    },
  }
}

const REFUSED = { status: 503, body: { code: "audit-unavailable" } }

async function askingSession(server: Server, options: Record<string, unknown> = {}) {
  const { id } = await server.create(temporary("work"), script("write a.txt Hello"), { reuse: false, ...options })
  await server.untilLogged(id, "approval.requested")
  return id as string
}

describe("while the audit cannot be written", () => {
  it("nothing is granted, by REST or WebSocket; no, stop and kill work; it goes on by itself", async () => {
    const { server, breakAudit, mend } = await startBreakable()
    const [kept, denied, killed] = [
      await askingSession(server),
      await askingSession(server),
      await askingSession(server),
    ]
    const { id: keyId } = await server.createKey("viewer")
    const { id: judging } = await server.create(temporary("work"), undefined, { permissionMode: "auto", reuse: false })
    const peer = await SocketPeer.authenticated(server.url, server.server.token)
    breakAudit()
    const refused = await server.call("POST", `/v1/sessions/${kept}/approve`)
    expect(refused).toMatchObject(REFUSED)
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0)
    expect(refused.body.detail).not.toContain("/")
    expect(await peer.ask({ type: "approve", sessionId: kept })).toMatchObject({ status: 503, body: REFUSED.body })
    expect(await server.call("POST", "/v1/auth/keys", { name: "a", role: "viewer" })).toMatchObject(REFUSED)
    expect(await server.call("PATCH", `/v1/auth/keys/${keyId}`, { role: "admin" })).toMatchObject(REFUSED)
    expect(await server.call("POST", `/v1/auth/keys/${keyId}/rotate`)).toMatchObject(REFUSED)
    expect(
      await server.call("POST", "/v1/sessions", { workDir: temporary("work"), permissionMode: "auto" }),
    ).toMatchObject(REFUSED)
    for (const [method, path, body] of [
      ["PUT", "/v1/policy", { version: 1 }],
      ["PUT", `/v1/sessions/${kept}/permissions`, { rules: [] }],
      ["PUT", `/v1/sessions/${kept}/mode`, { permissionMode: "auto" }],
      ["POST", `/v1/sessions/${kept}/budget`, { usd: 1 }],
    ] as const)
      expect([path, await server.call(method, path, body)]).toMatchObject([path, REFUSED])
    // Its agent asks nobody; where somebody is asked, prompts are taken.
    expect(await server.call("POST", `/v1/sessions/${judging}/send`, { text: "/hello" })).toMatchObject(REFUSED)
    expect((await server.call("POST", `/v1/sessions/${kept}/send`, { text: "/hello" })).status).toBe(202)
    const { body: health } = await server.call("GET", "/v1/health")
    expect(health).toMatchObject({ status: "degraded", audit: { status: "unavailable", failure: REFUSED.body } })
    expect((await server.call("GET", "/v1/health", undefined, {})).body).toEqual({
      status: "degraded",
      uptime: expect.any(Number),
    })
    expect((await server.call("GET", "/v1/audit")).status).toBe(200)
    expect(await server.call("GET", "/v1/audit/export")).toMatchObject(REFUSED)

    expect(await server.call("POST", `/v1/sessions/${denied}/reject`)).toMatchObject({ status: 200 })
    expect(await server.call("DELETE", `/v1/sessions/${killed}`)).toMatchObject({ status: 200 })
    expect(await server.call("DELETE", `/v1/auth/keys/${keyId}`)).toMatchObject({ status: 200 })
    expect(await server.call("POST", "/v1/stop-all")).toMatchObject({ status: 200 })
    expect(await server.call("DELETE", "/v1/stop-all")).toMatchObject(REFUSED)

    await mend()
    expect(await server.call("DELETE", "/v1/stop-all")).toMatchObject({ status: 200 })
    expect((await server.call("POST", "/v1/audit/verify")).body).toMatchObject({ ok: true })
  })

  it("what policy or mode would allow a person is asked about, and what a person allowed then is done", async () => {
    const { server, breakAudit, mend } = await startBreakable()
    const workDir = temporary("work")
    const editing = { permissionMode: "acceptEdits" }
    const { id } = await server.create(workDir, script("write a.txt Hello"), editing)
    await server.untilLogged(id, "turn.ended")
    expect(existsSync(join(workDir, "a.txt"))).toBe(true)
    breakAudit()
    // Whoever has just written could a moment ago: until it is looked at again.
    await expect
      .poll(async () => (await server.call("GET", "/v1/health")).body.audit.status, { timeout: 10_000 })
      .toBe("unavailable")
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script("write b.txt Hello") })
    await expect
      .poll(async () => (await server.call("GET", `/v1/sessions/${id}/approvals?status=open`)).body.items, {
        timeout: 10_000,
      })
      .toHaveLength(1)
    expect(await server.call("POST", `/v1/sessions/${id}/approve`)).toMatchObject(REFUSED)
    expect(existsSync(join(workDir, "b.txt"))).toBe(false)
    await mend()
    expect(await server.call("POST", `/v1/sessions/${id}/approve`)).toMatchObject({ status: 200 })
    await expect.poll(() => existsSync(join(workDir, "b.txt")), { timeout: 10_000 }).toBe(true)
  })
})

describe("while the disk of the witness does not answer", () => {
  it("nothing is granted, nobody is held up, and it goes on when it answers", async () => {
    const witness = join(temporary("elsewhere"), "seen")
    const stateDir = temporary("state")
    const config = { ...defaults(stateDir), audit: { interval: "60s", witness } }
    const server = await start({ config, auditPatienceMs: 2000 })
    const [kept, denied] = [await askingSession(server), await askingSession(server)]
    const { id: editing } = await server.create(temporary("work"), undefined, { permissionMode: "acceptEdits" })
    await expect.poll(() => existsSync(witness)).toBe(true)
    // Whoever opens it to write waits until somebody reads there.
    renameSync(witness, `${witness}.away`)
    execFileSync("mkfifo", [witness])
    expect(await server.call("POST", `/v1/sessions/${kept}/approve`)).toMatchObject(REFUSED)
    expect(await server.call("POST", "/v1/auth/keys", { name: "a", role: "viewer" })).toMatchObject(REFUSED)
    const { body: health } = await server.call("GET", "/v1/health")
    expect(health).toMatchObject({ status: "degraded", audit: { status: "unavailable", failure: REFUSED.body } })
    expect(await server.call("POST", `/v1/sessions/${denied}/reject`)).toMatchObject({ status: 200 })
    // Its mode would allow it; a person is asked.
    await server.call("POST", `/v1/sessions/${editing}/send`, { text: script("write b.txt Hello") })
    await server.untilLogged(editing, "approval.requested")

    const reader = openSync(witness, constants.O_RDONLY | constants.O_NONBLOCK)
    rmSync(witness)
    renameSync(`${witness}.away`, witness)
    closeSync(reader)
    await expect.poll(async () => (await server.call("GET", "/v1/health")).body.audit.status).toBe("ok")
    expect(await server.call("POST", `/v1/sessions/${kept}/approve`)).toMatchObject({ status: 200 })
    expect((await server.call("POST", "/v1/audit/verify")).body).toMatchObject({ ok: true })
  })

  it.runIf(existsSync("/dev/full"))("nor while only that disk is full", async () => {
    const config = { ...defaults(temporary("state")), audit: { interval: "60s", witness: "/dev/full" } }
    const server = await start({ config })
    const auditStatus = async () => (await server.call("GET", "/v1/health")).body.audit.status
    await expect.poll(auditStatus).toBe("unavailable")
    for (let times = 0; times < 3; times += 1)
      expect(await server.call("POST", "/v1/auth/keys", { name: "a", role: "viewer" })).toMatchObject(REFUSED)
    const id = await askingSession(server)
    expect(await server.call("POST", `/v1/sessions/${id}/approve`)).toMatchObject(REFUSED)
    expect(await server.call("POST", `/v1/sessions/${id}/reject`)).toMatchObject({ status: 200 })
    expect(await auditStatus()).toBe("unavailable")
  })

  it("the server stops all the same", async () => {
    const witness = join(temporary("elsewhere"), "seen")
    const config = { ...defaults(temporary("state")), audit: { interval: "60s", witness } }
    const server = await start({ config, auditPatienceMs: 2000 })
    await expect.poll(() => existsSync(witness)).toBe(true)
    rmSync(witness)
    execFileSync("mkfifo", [witness])
    expect(await server.call("POST", "/v1/auth/keys", { name: "a", role: "viewer" })).toMatchObject(REFUSED)
    await server.server.close()
    closeSync(openSync(witness, constants.O_RDONLY | constants.O_NONBLOCK))
  })
})

it("a grant is what gives leave, and nothing that takes it", () => {
  const grants = Object.values(operations).filter(isGrant)
  expect(grants.map(({ operationId }) => operationId).toSorted()).toEqual([
    "approvePermission",
    "createApiKey",
    "extendBudget",
    "liftStopAll",
    "rotateApiKey",
    "updateApiKey",
    "updatePolicy",
    "updateSessionPolicy",
  ])
})

it("a server whose log was replaced behind its back grants nothing, and says why", async () => {
  const [stateDir, elsewhere] = [temporary("state"), temporary("elsewhere")]
  const config = { ...defaults(stateDir), audit: { interval: "60s", witness: join(elsewhere, "seen") } }
  const first = await start({ config })
  const { key } = await first.createKey("admin")
  await askingSession(first)
  await first.server.close()
  for (const name of ["aegis.db", "aegis.db-wal", "aegis.db-shm", "audit"])
    rmSync(join(stateDir, name), { recursive: true, force: true })
  const second = await start({ config })
  const id = await askingSession(second)
  expect(await second.call("POST", `/v1/sessions/${id}/approve`)).toMatchObject(REFUSED)
  const { audit } = (await second.call("GET", "/v1/health")).body
  expect(audit).toMatchObject({ status: "unavailable", failure: { code: "audit-contradicted" } })
  expect((await second.call("GET", "/v1/sessions", undefined, bearer(key))).status).toBe(401)
  expect((await second.call("POST", `/v1/sessions/${id}/reject`)).status).toBe(200)
})
