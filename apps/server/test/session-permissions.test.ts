import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { askAgent as ask } from "./ask-agent.ts"
import { bearer, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const rule = (id: string, decision: string, match: object) => ({ id, decision, match })
const policyOf = (...rules: object[]) => ({ version: 1, rules })
const echo = { kind: "execute", command: "echo*" }
const always = { action: "approve", body: { remember: true } } as const

const permissions = (server: Server, id: string, body?: object, headers: Record<string, string> = {}) =>
  server.call(body ? "PUT" : "GET", `/v1/sessions/${id}/permissions`, body, {
    ...bearer(server.server.token),
    ...headers,
  })
const put = (server: Server, policy: object | null) => server.call("PUT", "/v1/policy", { policy })

describe("an approval that is remembered", () => {
  it("goes for the same call in the same session, also after a restart, and for no other", async () => {
    const stateDir = temporary("state")
    const server = await start({ config: defaults(stateDir) })
    const workDir = temporary("work")
    const { id } = await server.create(workDir)
    expect(await ask(server, id, "run echo one", always)).toBe("open")
    const [{ approvalId }] = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body.items
    expect(await ask(server, id, "run echo one")).toBe(`approved remembered:${approvalId}`)
    expect(await ask(server, id, "run echo two")).toBe("open")
    const other = await server.create(workDir, undefined, { reuse: false })
    expect(await ask(server, other.id, "run echo one")).toBe("open")
    expect((await permissions(server, id)).body).toEqual({
      version: 1,
      mayLoosen: false,
      remembered: [{ approvalId, title: expect.stringContaining("echo one") }],
    })
    await server.server.close()
    const again = await start({ config: defaults(stateDir) })
    expect(await ask(again, id, "run echo one")).toBe(`approved remembered:${approvalId}`)
    const items = (await again.call("GET", `/v1/sessions/${id}/approvals?status=approved`)).body.items
    const told = items.map(({ delivery, rule }: { delivery: string; rule: string | null }) => [delivery, rule])
    expect(told).toEqual([...Array(2).fill(["delivered", `remembered:${approvalId}`]), ["delivered", null]])
  })

  it("goes no more for what leads to something else", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = await server.create(workDir)
    writeFileSync(join(workDir, "check.sh"), "echo fine", { mode: 0o755 })
    await ask(server, id, "run sh check.sh", always)
    expect(await ask(server, id, "run sh check.sh")).toMatch(/^approved remembered:/)
    writeFileSync(join(workDir, "check.sh"), "echo other", { mode: 0o755 })
    expect(await ask(server, id, "run sh check.sh")).toBe("open")
  })

  it("gives way to every rule, and to whoever has the session forget it", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    await ask(server, id, "run echo one", always)
    const [{ approvalId }] = (await permissions(server, id)).body.remembered
    await put(server, policyOf(rule("no-echo", "deny", echo)))
    expect(await ask(server, id, "run echo one")).toBe("rejected no-echo")
    await put(server, policyOf(rule("ask-echo", "ask", echo)))
    expect(await ask(server, id, "run echo one")).toBe("open")
    await put(server, null)
    expect(await ask(server, id, "run echo one")).toBe(`approved remembered:${approvalId}`)
    expect((await permissions(server, id, { remembered: ["nothing"] })).body.code).toBe("approval-not-found")
    expect((await permissions(server, id, { remembered: [] }, { "If-Match": '"0"' })).status).toBe(412)
    const forgotten = await permissions(server, id, { remembered: [] }, { "If-Match": '"1"' })
    expect([forgotten.body, forgotten.headers.get("ETag")]).toEqual([
      { version: 2, mayLoosen: false, remembered: [] },
      '"2"',
    ])
    expect(await ask(server, id, "run echo one")).toBe("open")
  })

  it("is not for what a rule asks about, or what takes certain people: that waits on", async () => {
    const server = await start()
    const twice = { ...rule("twice", "ask", { kind: "edit" }), approvers: { count: 2 } }
    await put(server, policyOf(rule("ask-echo", "ask", echo), twice))
    for (const [step, askedBy] of [
      ["run echo one", "ask-echo"],
      ["write a.txt x", "twice"],
    ] as const) {
      const { id } = await server.create(temporary("work"), script(step))
      await server.untilLogged(id, "approval.requested")
      const refused = await server.call("POST", `/v1/sessions/${id}/approve`, { remember: true })
      expect([refused.status, refused.body.code]).toEqual([409, "not-rememberable"])
      const { items } = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body
      expect(items).toMatchObject([{ status: "open", askedBy, votes: [] }])
      // Nor by the agent itself: it would not ask any more.
      const { optionId } = items[0].options.find(({ kind }: { kind: string }) => kind === "allow_always")
      const lasting = await server.call("POST", `/v1/sessions/${id}/approve`, { optionId })
      expect(lasting.body.code).toBe("option-not-offered")
    }
    const { id } = await server.create(temporary("work"), script("run ls"))
    await server.untilLogged(id, "approval.requested")
    expect((await server.call("POST", `/v1/sessions/${id}/reject`, { remember: true })).status).toBe(400)
  })
})

describe("a session's own policy", () => {
  it("tightens; it loosens where its author may write policies, and never what the server denies", async () => {
    const server = await start()
    await put(server, policyOf(rule("no-ls", "deny", { kind: "execute", command: "ls*" })))
    const own = policyOf(
      rule("echo", "allow", echo),
      rule("ls", "allow", { kind: "execute", command: "ls*" }),
      rule("no-pwd", "deny", { kind: "execute", command: "pwd*" }),
    )
    const { key } = await server.createKey("operator", { userId: "local" })
    const create = async (token: string) => {
      const wish = { workDir: temporary("work"), policy: own, permissionMode: "default" }
      return (await server.call("POST", "/v1/sessions", wish, bearer(token))).body.id as string
    }
    const said = async (id: string) => [
      await ask(server, id, "run echo one"),
      await ask(server, id, "run ls"),
      await ask(server, id, "run pwd"),
    ]
    const [tight, loose] = [await create(key), await create(server.server.token)]
    expect(await said(tight)).toEqual(["open", "rejected no-ls", "rejected session:no-pwd"])
    expect(await said(loose)).toEqual(["approved session:echo", "rejected no-ls", "rejected session:no-pwd"])
    expect((await permissions(server, tight)).body).toMatchObject({ version: 1, mayLoosen: false, policy: own })
    expect((await permissions(server, tight, { policy: null })).body.policy).toBeUndefined()
    expect(await ask(server, tight, "run pwd")).toBe("open")
    expect((await permissions(server, tight, { policy: own })).body).toMatchObject({ version: 3, mayLoosen: true })
    expect(await ask(server, tight, "run echo two")).toBe("approved session:echo")
  })

  it("is not a guest's to loosen, is set by admins only, and seen by those who see the session", async () => {
    const server = await start()
    const own = policyOf(rule("echo", "allow", echo))
    const guest = await server.createKey("admin", { tenantId: "other", userId: "bo" })
    const wish = { workDir: temporary("work"), policy: own }
    const theirs = (await server.call("POST", "/v1/sessions", wish, bearer(guest.key))).body.id
    expect((await permissions(server, theirs, undefined, bearer(guest.key))).body.mayLoosen).toBe(false)
    const [operator, viewer] = [await server.createKey("operator"), await server.createKey("viewer")]
    const { id } = await server.create(temporary("work"))
    const status = async (key: string, body?: object) => (await permissions(server, id, body, bearer(key))).status
    expect([await status(viewer.key), await status(viewer.key, { policy: own })]).toEqual([200, 403])
    expect([await status(operator.key, { policy: own }), await status(guest.key, { policy: own })]).toEqual([403, 404])
  })

  it("has no budgets, is no other's when a session is used again, and lets no agent judge by itself", async () => {
    const server = await start()
    const workDir = temporary("work")
    const own = policyOf(rule("no-echo", "deny", echo))
    const create = (wish: object) => server.call("POST", "/v1/sessions", { workDir, ...wish })
    expect((await create({ policy: { version: 1, budgets: [{ scope: "session", usd: 1 }] } })).status).toBe(400)
    expect((await create({ policy: own, permissionMode: "auto" })).status).toBe(422)
    const first = await create({ policy: own })
    await server.untilLogged(first.body.id, "session.ready")
    const same = await create({ policy: own, prompt: script("say one") })
    expect([same.status, same.body.id]).toEqual([200, first.body.id])
    await server.untilLogged(first.body.id, "turn.ended")
    const plain = await create({ prompt: script("say two") })
    expect([plain.status, plain.body.reused]).toEqual([201, false])
  })
})
