import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const NOTHING = { cost: 0, tokens: 0 }
const INVALID = "400 request-invalid"

function startWithBudget(budget: string, stateDir = temporary("state")) {
  const file = join(stateDir, "policy.yaml")
  writeFileSync(file, `version: 1\nbudgets: [${budget}]`)
  return start({ config: { ...defaults(stateDir), policy: { file } } })
}

/** A session of a key's, whose first turn has cost so many dollars. */
async function spent(server: Server, usd: number, key = server.server.token) {
  const wish = { workDir: temporary("work"), prompt: script(`usage 10 100 ${usd}`, "say one"), reuse: false }
  const { id, promptDelivery } = (await server.call("POST", "/v1/sessions", wish, bearer(key))).body
  await untilEnded(server, id, promptDelivery.turnId)
  return id as string
}

/** Resolves with how the turn has ended. */
async function untilEnded(server: Server, sessionId: string, turnId: string) {
  for await (const event of eventsOf(server, sessionId))
    if (event.type === "turn.ended" && event.data.turnId === turnId) return event.data.stopReason
  return undefined
}

async function* eventsOf({ server }: Server, sessionId: string) {
  for await (const page of server.aegis.tail({ sessionId, after: 0 })) yield* page.map(({ event }) => event)
}

function send(server: Server, id: string, steps: readonly string[], key = server.server.token) {
  return server.call("POST", `/v1/sessions/${id}/send`, { text: script(...steps) }, bearer(key))
}

function extend(server: Server, id: string, body: unknown, key = server.server.token) {
  return server.call("POST", `/v1/sessions/${id}/budget`, body, bearer(key))
}

async function look(server: Server, id: string, key = server.server.token) {
  return (await server.call("GET", `/v1/sessions/${id}`, undefined, bearer(key))).body
}

describe("a session's budget", () => {
  it("interrupts the turn that uses it up, holds the next one, and says why until somebody who may allows more", async () => {
    const stateDir = temporary("state")
    const budget = "{ scope: session, usd: 1, estimate: { usd: 0.1 } }"
    const first = await startWithBudget(budget, stateDir)
    const id = await spent(first, 0.6)
    const second = await send(first, id, ["usage 10 100 1.25", "wait"])
    expect(second).toMatchObject({ status: 200, body: { delivered: true } })
    expect(await untilEnded(first, id, second.body.turnId)).toBe("cancelled")
    const third = await send(first, id, ["say three"])
    const exceeded = {
      account: "session",
      measure: "cost",
      limit: { cost: 1_000_000 },
      spent: { cost: 1_250_000, tokens: 0 },
      granted: NOTHING,
      reserved: NOTHING,
      needed: { cost: 100_000, tokens: 0 },
      reason: 'Budget "session" of $1.00 is used up: $1.25 spent, $0.10 of this turn.',
    }
    const { turnId } = third.body
    const waits = { ok: true, delivered: false, queued: true, attempts: 0, turnId, exceeded }
    expect([third.status, third.body]).toEqual([202, waits])
    await first.server.close()

    const server = await startWithBudget(budget, stateDir)
    expect(await look(server, id)).toMatchObject({ status: "idle", queuedPrompts: 1, exceeded })
    for (const role of ["viewer", "operator", "agent"]) {
      const { key } = await server.createKey(role)
      expect(await extend(server, id, { usd: 1 }, key)).toMatchObject({
        status: 403,
        body: { code: "permission-missing" },
      })
    }
    // It would still be less than there was spent.
    expect((await extend(server, id, { usd: 0.25 })).body).toMatchObject({
      exceeded: { granted: { cost: 250_000, tokens: 0 } },
    })
    for await (const { type, data } of eventsOf(server, id))
      if (type === "budget.exceeded" && data.granted.cost > 0) break
    const admin = await server.createKey("admin", { userId: "ada" })
    const extended = await extend(server, id, { usd: 1, reason: "It is nearly done." }, admin.key)
    expect(extended.status).toBe(200)
    expect(extended.body).not.toHaveProperty("exceeded")
    expect(await untilEnded(server, id, turnId)).toBe("end_turn")
    const { items } = (await server.call("GET", "/v1/audit?type=budget.*,ledger.*&after=0")).body
    expect(items.map(({ type, actor, data }: Record<string, object>) => [type, actor, data])).toMatchObject([
      ["budget.exceeded", { kind: "agent" }, { turnId: second.body.turnId, account: "session" }],
      ["budget.exceeded", { id: "local" }, { turnId, ...exceeded }],
      ["budget.extended", { id: "local" }, { account: "session", isShared: false, cost: 250_000, tokens: 0 }],
      ["budget.exceeded", {}, { turnId, granted: { cost: 250_000 } }],
      [
        "budget.extended",
        { kind: "key", id: admin.id, via: "rest" },
        { cost: 1_000_000, reason: "It is nearly done." },
      ],
    ])
  })

  it("is extended once with one Idempotency-Key, and by whoever has the permission alone", async () => {
    const server = await startWithBudget("{ scope: session, usd: 1 }")
    const { key } = await server.createKey("custom", { permissions: ["budget.write", "session.read"] })
    const id = await spent(server, 1)
    await send(server, id, ["say two"])
    const path = `/v1/sessions/${id}/budget`
    const headers = { ...bearer(key), "Idempotency-Key": "once" }
    const granted = async () => (await look(server, id)).exceeded.granted.cost
    for (let times = 0; times < 2; times += 1)
      expect((await server.call("POST", path, { usd: 0.5 }, headers)).status).toBe(200)
    expect(await granted()).toBe(500_000)
    expect(await server.call("POST", path, { usd: 0.6 }, headers)).toMatchObject({
      status: 422,
      body: { code: "idempotency-mismatch" },
    })
    // Somebody else's sessions are for admins.
    const other = await server.createKey("custom", { permissions: ["budget.write", "session.read"], userId: "bo" })
    expect((await extend(server, id, { usd: 1 }, other.key)).status).toBe(403)
  })

  it("is not extended by nothing, by less, by what cannot be counted, or where it holds nothing", async () => {
    const server = await startWithBudget("{ scope: session, usd: 1 }")
    const { id } = await server.create(temporary("work"))
    const answers = async (body: unknown) => {
      const { status, body: problem } = await extend(server, id, body)
      return `${status} ${problem.code}`
    }
    for (const usd of [undefined, 0, -1, "1", 1e300]) expect([usd, await answers({ usd })]).toEqual([usd, INVALID])
    for (const tokens of [0, 0.5, 1e15]) expect([tokens, await answers({ tokens })]).toEqual([tokens, INVALID])
    expect(await answers({ usd: 1, isForAll: true })).toBe(INVALID)
    expect(await answers({ usd: 1, account: "server" })).toBe("404 budget-not-found")
    expect(await answers({ usd: 1 })).toBe("404 budget-not-found")
    await server.call("DELETE", `/v1/sessions/${id}`)
    expect(await answers({ usd: 1, account: "session" })).toBe("409 session-ended")
  })
})

describe("a budget of all", () => {
  it("is shared by every tenant's sessions, extended by the machine's own person, and told to whom keys are", async () => {
    const server = await startWithBudget("{ scope: server, usd: 1, estimate: { usd: 0.5 } }")
    const stranger = await server.createKey("admin", { tenantId: "other" })
    const operator = await server.createKey("operator")
    const id = await spent(server, 0.75)
    const wish = { workDir: temporary("work"), prompt: script("usage 10 100 0.5", "say theirs") }
    const theirs = (await server.call("POST", "/v1/sessions", wish, bearer(stranger.key))).body
    const held = { account: "server", limit: { cost: 1_000_000 }, spent: { cost: 750_000 } }
    expect(await look(server, theirs.id, stranger.key)).toMatchObject({ queuedPrompts: 1, exceeded: held })
    const refused = { status: 403, body: { code: "budget-of-all" } }
    expect(await extend(server, theirs.id, { usd: 1 }, stranger.key)).toMatchObject(refused)
    expect(await extend(server, id, { usd: 1, account: "server" }, operator.key)).toMatchObject({ status: 403 })
    const { key: admin } = await server.createKey("admin")
    expect(await extend(server, id, { usd: 1, account: "server" }, admin)).toMatchObject(refused)
    // Another tenant's session is not there for it; its own is counted on the same.
    expect(await extend(server, theirs.id, { usd: 1 })).toMatchObject({ status: 404 })
    expect(await extend(server, id, { usd: 1, account: "server" })).toMatchObject({ status: 200 })
    await untilEnded(server, theirs.id, theirs.promptDelivery.turnId)

    const seenBy = async (key: string) => {
      const { frames } = await server.stream("/v1/events", { "Last-Event-ID": "0" }, key)
      const shared: unknown[] = []
      for await (const { event, data } of frames) {
        if (event?.startsWith("ledger.")) {
          const { tenantId, sessionId } = JSON.parse(data ?? "").data
          shared.push([event, tenantId, sessionId])
        }
        if (event === "system.resumed") return shared
      }
      return shared
    }
    await server.call("POST", "/v1/stop-all")
    await server.call("DELETE", "/v1/stop-all")
    expect(await seenBy(server.server.token)).toEqual([
      ["ledger.reserved", "local", id],
      ["ledger.settled", "local", id],
      ["ledger.extended", "local", id],
    ])
    expect(await seenBy(stranger.key)).toEqual([
      ["ledger.reserved", "other", theirs.id],
      ["ledger.settled", "other", theirs.id],
    ])
    expect(await seenBy(operator.key)).toEqual([])
  })
})

describe("a key's budget", () => {
  it("is for all sessions that it asks for, of its tenant alone, and for no other key", async () => {
    const server = await startWithBudget('{ scope: "key:CI", usd: 1 }')
    const { key: ci } = await server.createKey("operator", { name: "CI" })
    const { key: other } = await server.createKey("operator", { name: "Other" })
    const { key: namesake } = await server.createKey("admin", { name: "CI", tenantId: "other" })
    await spent(server, 1, ci)
    const held = await spent(server, 1, other)
    const queued = await send(server, held, ["usage 10 100 2", "say more"], ci)
    expect(queued).toMatchObject({
      status: 202,
      body: { exceeded: { account: "key:CI of local", spent: { cost: 1_000_000 } } },
    })
    await spent(server, 1, namesake)
    expect(await extend(server, held, { usd: 5 }, ci)).toMatchObject({ status: 403 })
    const { key: admin } = await server.createKey("admin")
    expect(await extend(server, held, { usd: 5 }, admin)).toMatchObject({ status: 200 })
    expect(await untilEnded(server, held, queued.body.turnId)).toBe("end_turn")
    await server.streamUntil("/v1/events", isEvent("ledger.extended"), { "Last-Event-ID": "0" })
  })
})
