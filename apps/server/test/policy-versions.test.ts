import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { askAgent as ask } from "./ask-agent.ts"
import { bearer, defaults, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const rule = (id: string, decision: string, match: object) => ({ id, decision, match })
const policyOf = (...rules: object[]) => ({ version: 1, rules })
const echo = rule("echo", "allow", { kind: "execute", command: "echo*" })
const noEcho = rule("no-echo", "deny", { kind: "execute", command: "echo*" })
const edits = rule("edits", "allow", { kind: "edit", path: `\${workDir}/**` })

function put(server: Server, policy: object | null, headers: Record<string, string> = {}, path = "/v1/policy") {
  return server.call("PUT", path, { policy }, { ...bearer(server.server.token), ...headers })
}

const tryOut = (server: Server, policy: object | null) => put(server, policy, {}, "/v1/policy/shadow")

async function eventsOf({ server }: Server, ...types: string[]) {
  return (await server.aegis.readEvents({ types, limit: 1000 })).map(({ event }) => event)
}

describe("the policy that was set", () => {
  it("judges what is asked from then on, also in sessions that run, and is the same after a restart", async () => {
    const stateDir = temporary("state")
    const server = await start({ config: defaults(stateDir) })
    const none = await server.call("GET", "/v1/policy")
    expect([none.body, none.headers.get("ETag")]).toEqual([{ version: 0, isConfigured: false }, '"0"'])
    const { id } = await server.create(temporary("work"))
    expect(await ask(server, id, "run echo one")).toBe("open")
    const set = await put(server, policyOf(echo))
    expect([set.status, set.headers.get("ETag")]).toEqual([200, '"1"'])
    expect(set.body).toMatchObject({
      version: 1,
      policy: { rules: [echo] },
      by: { kind: "key", id: "local", via: "rest" },
    })
    expect(await ask(server, id, "run echo two")).toBe("approved echo")
    expect((await put(server, policyOf(noEcho))).body.version).toBe(2)
    expect(await ask(server, id, "run echo three")).toBe("rejected no-echo")
    await server.server.close()
    const again = await start({ config: defaults(stateDir) })
    expect((await again.call("GET", "/v1/policy")).body).toMatchObject({ version: 2, policy: { rules: [noEcho] } })
    expect(await ask(again, id, "run echo four")).toBe("rejected no-echo")
    expect((await put(again, null)).body).toMatchObject({ version: 3, isConfigured: false })
    expect((await again.call("GET", "/v1/policy")).body.policy).toBeUndefined()
    expect(await ask(again, id, "run echo five")).toBe("open")
  })

  it("is about what waits, too, when somebody approves it: that is judged anew", async () => {
    const server = await start()
    const twice = { ...rule("twice", "ask", { kind: "edit" }), approvers: { count: 2 } }
    for (const [step, policy, status] of [
      ["run echo one", policyOf(noEcho), "rejected"],
      ["write a.txt x", policyOf(twice), "open"],
      ["run ls", policyOf(rule("ls", "allow", { command: "ls" })), "approved"],
    ] as const) {
      await put(server, null)
      const { id } = await server.create(temporary("work"), script(step))
      await server.untilLogged(id, "approval.requested")
      await put(server, policy)
      const { body } = await server.call("POST", `/v1/sessions/${id}/approve`)
      const { items } = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body
      const code = status === "approved" ? undefined : "approval-changed"
      expect([step, body.code, items[0].status]).toEqual([step, code, status])
      if (status !== "approved") expect(items[1]).toMatchObject({ status: "withdrawn", votes: [] })
    }
  })

  it("takes the place of the version that was read, and of no other", async () => {
    const server = await start()
    expect((await put(server, policyOf(echo), { "If-Match": '"0"' })).status).toBe(200)
    const late = await put(server, policyOf(edits), { "If-Match": '"0"' })
    expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
    for (const wrong of ["1", "*", '"one"', 'W/"1"'])
      expect([wrong, (await put(server, policyOf(edits), { "If-Match": wrong })).status]).toEqual([wrong, 400])
    const both = await Promise.all([edits, noEcho].map((one) => put(server, policyOf(one), { "If-Match": '"1"' })))
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412])
    expect(await eventsOf(server, "policy.updated")).toHaveLength(2)
  })

  it("makes no version of what it says already, in whatever order", async () => {
    const server = await start()
    await put(server, policyOf(echo))
    const { id, decision, match } = echo
    expect((await put(server, { rules: [{ match, decision, id }], version: 1 })).body.version).toBe(1)
    expect(await eventsOf(server, "policy.updated")).toHaveLength(1)
  })

  it("is told by its versions: who, when, what is not as it was; each can be read", async () => {
    const server = await start()
    const admin = await server.createKey("admin", { name: "Ada" })
    await put(server, { ...policyOf(echo), budgets: [{ scope: "session", usd: 1 }] })
    await put(
      server,
      { ...policyOf({ ...echo, reason: "Harmless." }, edits), budgets: [{ scope: "session", usd: 2 }] },
      bearer(admin.key),
    )
    await put(server, { ...policyOf(edits), defaults: { decision: "deny" } })
    const first = (await server.call("GET", "/v1/policy/versions?limit=2")).body
    expect(first.items.map(({ version, by }: { version: number; by: { id: string } }) => [version, by.id])).toEqual([
      [3, "local"],
      [2, admin.id],
    ])
    const change = (what: string, name: string, change: string) => ({ what, name, change })
    expect(first.items[0].changes).toEqual([
      change("default", "decision", "added"),
      change("rule", "echo", "removed"),
      change("budget", "session", "removed"),
    ])
    expect(first.items[1].changes).toEqual([
      change("rule", "echo", "changed"),
      change("rule", "edits", "added"),
      change("budget", "session", "changed"),
    ])
    const rest = (await server.call("GET", `/v1/policy/versions?limit=2&after=${first.nextCursor}`)).body
    expect(rest).toMatchObject({ items: [{ version: 1, changes: [{}, {}] }] })
    expect(rest.nextCursor).toBeUndefined()
    expect((await server.call("GET", "/v1/policy?version=1")).body.policy.rules).toEqual([echo])
    expect((await server.call("GET", "/v1/policy?version=4")).body.code).toBe("policy-not-found")
  })

  it("is refused where it would not mean what it says", async () => {
    const server = await start()
    for (const policy of [
      { version: 2 },
      { version: 1, rule: [] },
      policyOf(rule("x", "allow", { path: "[" })),
      { version: 1, budgets: [{ scope: "template:x", usd: 1 }] },
    ])
      expect((await put(server, policy)).status).toBe(400)
    expect((await server.call("PUT", "/v1/policy", {})).status).toBe(400)
    expect(await eventsOf(server, "policy.updated")).toEqual([])
  })

  it("is set by whoever runs the server, and read by those who may", async () => {
    const server = await start()
    const guest = await server.createKey("admin", { tenantId: "other", userId: "bo" })
    const [operator, viewer] = [await server.createKey("operator"), await server.createKey("viewer")]
    for (const path of ["/v1/policy", "/v1/policy/shadow"])
      for (const { key } of [guest, operator, viewer])
        expect((await put(server, policyOf(echo), bearer(key), path)).body.code).toBe("permission-missing")
    for (const path of ["/v1/policy", "/v1/policy/shadow", "/v1/policy/versions"]) {
      const read = async ({ key }: typeof guest) => (await server.call("GET", path, undefined, bearer(key))).status
      expect([path, await read(guest), await read(operator), await read(viewer)]).toEqual([path, 200, 200, 403])
    }
    const after = server.server.aegis.head()
    const streams = await Promise.all(
      [operator, viewer].map(({ key }) => server.stream(`/v1/events?after=${after}`, {}, key)),
    )
    await put(server, policyOf(echo))
    await server.create(temporary("work"))
    const seen = await Promise.all(
      streams.map(async ({ frames }) => {
        const types: (string | undefined)[] = []
        for await (const frame of frames) {
          types.push(frame.event)
          if (isEvent("session.created")(frame)) return types.includes("policy.updated")
        }
        return undefined
      }),
    )
    expect(seen).toEqual([true, false])
  })

  it("has budgets that hold, and let go", async () => {
    const server = await start()
    const budget = (usd: number) => ({ version: 1, budgets: [{ scope: "session", usd }] })
    await put(server, budget(1))
    const { id } = await server.create(temporary("work"), script("usage 10 100 1.5", "say one"))
    await server.untilLogged(id, "turn.ended")
    const sent = (await server.call("POST", `/v1/sessions/${id}/send`, { text: script("say two") })).body
    expect(sent).toMatchObject({ queued: true, exceeded: { account: "session" } })
    await put(server, budget(5))
    for await (const page of server.server.aegis.tail({ sessionId: id, after: 0 }))
      if (page.some(({ event }) => event.type === "turn.ended" && event.data.turnId === sent.turnId)) return
  })

  it("does not let an agent judge by itself any more", async () => {
    const server = await start()
    const create = async () =>
      (await server.call("POST", "/v1/sessions", { workDir: temporary("work"), permissionMode: "auto" })).status
    expect(await create()).toBe(201)
    await put(server, policyOf(noEcho))
    expect(await create()).toBe(422)
    await put(server, policyOf(echo))
    expect(await create()).toBe(201)
  })
})

describe("the policy that the configuration names", () => {
  it("is a version like others, is changed in its file only, and stays when it is named no more", async () => {
    const stateDir = temporary("state")
    const file = join(stateDir, "policy.yaml")
    const startWith = async (...rules: object[]) => {
      writeFileSync(file, JSON.stringify(policyOf(...rules)))
      return start({ config: { ...defaults(stateDir), policy: { file } } })
    }
    const first = await startWith(echo)
    expect((await first.call("GET", "/v1/policy")).body).toMatchObject({
      version: 1,
      isConfigured: true,
      by: { kind: "system", id: "configuration", via: "start" },
    })
    expect((await put(first, policyOf(edits))).body.code).toBe("policy-configured")
    expect((await tryOut(first, policyOf(edits))).status).toBe(200)
    await first.server.close()
    const second = await startWith(echo)
    expect(await eventsOf(second, "policy.updated")).toHaveLength(1)
    await second.server.close()
    const third = await startWith(noEcho)
    expect((await third.call("GET", "/v1/policy/versions")).body.items).toMatchObject([
      {
        changes: [
          { name: "no-echo", change: "added" },
          { name: "echo", change: "removed" },
        ],
      },
      { version: 1 },
    ])
    await third.server.close()
    const fourth = await start({ config: defaults(stateDir) })
    expect((await fourth.call("GET", "/v1/policy")).body).toMatchObject({
      isConfigured: false,
      policy: { rules: [noEcho] },
    })
  })
})

describe("a policy on trial", () => {
  it("says what it would have said, and nothing follows from it", async () => {
    const server = await start()
    await put(server, policyOf(echo))
    const { id } = await server.create(temporary("work"))
    expect(await ask(server, id, "run echo before")).toBe("approved echo")
    const trial = await tryOut(server, policyOf(noEcho, edits))
    expect(trial.body).toMatchObject({ version: 2, policy: { rules: [noEcho, edits] }, requests: 0, outcomes: [] })
    expect(await ask(server, id, "run echo one")).toBe("approved echo")
    expect(await ask(server, id, "write a.txt x")).toBe("open")
    expect(await ask(server, id, "run ls")).toBe("open")
    const { body } = await server.call("GET", "/v1/policy/shadow")
    expect(body.requests).toBe(3)
    expect(body.outcomes).toHaveLength(3)
    const outcome = (before: string, after: string) =>
      body.outcomes.find((each: Record<string, unknown>) => each.before === before && each.after === after)
    expect(outcome("allow", "deny")).toMatchObject({
      count: 1,
      changed: 1,
      examples: [{ sessionId: id, before: { decision: "allow", rule: "echo" }, after: { rule: "no-echo" } }],
    })
    expect(outcome("ask", "allow")).toMatchObject({ changed: 1, examples: [{ after: { rule: "edits" } }] })
    expect(outcome("ask", "ask")).toMatchObject({ count: 1, changed: 0, examples: [] })
    const other = await server.createKey("operator", { tenantId: "other", userId: "bo" })
    expect((await server.call("GET", "/v1/policy/shadow", undefined, bearer(other.key))).body.requests).toBe(0)
    expect((await tryOut(server, null)).body).toEqual({
      version: 3,
      at: expect.any(String),
      by: expect.anything(),
      requests: 0,
      outcomes: [],
    })
    await ask(server, id, "run echo after")
    expect(await eventsOf(server, "policy.shadowed")).toHaveLength(3)
    expect((await server.call("GET", "/v1/policy")).body.version).toBe(1)
  })

  it("is tried on what hooks ask, too", async () => {
    const server = await start()
    await tryOut(server, policyOf(noEcho))
    const told = await server.call(
      "POST",
      "/v1/hooks/PreToolUse",
      {
        session_id: "c1",
        cwd: temporary("work"),
        tool_name: "Bash",
        tool_input: { command: "echo hi" },
        tool_use_id: "t1",
      },
      { "X-Hook-Secret": server.hookSecret },
    )
    expect(told.status).toBe(204)
    expect(await eventsOf(server, "policy.shadowed")).toMatchObject([
      {
        data: { decision: "deny", rule: "no-echo", isChanged: true, before: { rule: expect.stringMatching(/^mode:/) } },
      },
    ])
  })
})
