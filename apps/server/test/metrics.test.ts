import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

async function untilLogged(server: Server, sessionId: string, type: string, count: number) {
  let found = 0
  for await (const page of server.server.aegis.tail({ sessionId, after: 0 })) {
    found += page.filter(({ event }) => event.type === type).length
    if (found >= count) return
  }
}

/** A session that was asked twice: it has written a file after a person's yes, and was told no. */
async function busySession(server: Server, options: Record<string, unknown> = {}) {
  const workDir = temporary("work")
  const first = script("say Thinking.", "usage 1200 200000 0.25", "retry 1 1000", "write a.txt Hello", "say Written.")
  const { id } = await server.create(workDir, first, { name: "Busy", ...options })
  await server.untilLogged(id, "approval.requested")
  expect((await server.call("POST", `/v1/sessions/${id}/approve`)).status).toBe(200)
  await server.untilLogged(id, "turn.ended")
  await server.call("POST", `/v1/sessions/${id}/send`, { text: script("write b.txt Hello", "fail -32000 no more tea") })
  await untilLogged(server, id, "approval.requested", 2)
  await server.call("POST", `/v1/sessions/${id}/reject`)
  await untilLogged(server, id, "turn.ended", 2)
  return { id, workDir }
}

describe("what a session has done", () => {
  it("is told in numbers, times, tools, costs and in short", async () => {
    const server = await start()
    const { id, workDir } = await busySession(server)
    const of = async (what: string) => (await server.call("GET", `/v1/sessions/${id}/${what}`)).body
    expect(await of("metrics")).toMatchObject({
      sessionId: id,
      status: "error",
      turns: { ended: 2, failed: 1, running: 0, queued: 0 },
      messages: { user: 2 },
      toolCalls: { ended: 2, failed: 1, running: 0 },
      approvals: { asked: 2, approved: 1, rejected: 1, open: 0 },
      rateLimits: 1,
      cost: 250_000,
      context: { used: 1200, size: 200_000 },
    })
    const { queue, firstOutput, turn, tool, approval } = await of("latency")
    expect([queue.count, firstOutput.count, turn.count, tool.count, approval.count]).toEqual([2, 2, 2, 2, 2])
    expect(turn.max).toBeGreaterThanOrEqual(turn.p50)
    const { items } = await of("tools")
    expect(items).toMatchObject([{ calls: 2, failed: 1, asked: 2, approved: 1, rejected: 1, duration: { count: 2 } }])
    const cost = await of("cost?limit=1")
    expect(cost).toMatchObject({ cost: 250_000, items: [{ cost: 0, error: expect.any(String) }] })
    expect(await of(`cost?after=${cost.nextCursor}`)).toMatchObject({
      items: [{ cost: 250_000, stopReason: "end_turn" }],
    })
    const summary = await of("summary")
    expect(summary).toMatchObject({
      name: "Busy",
      status: "error",
      workDir,
      firstPrompt: { text: expect.stringContaining("write a.txt") },
      lastPrompt: { text: expect.stringContaining("write b.txt") },
      changedFiles: [join(workDir, "a.txt")],
      pendingApprovals: 0,
      failure: { message: expect.stringContaining("no more tea") },
      metrics: { turns: { ended: 2 } },
    })
    const transcript = await of("read")
    const words = transcript.messages.filter((message: { role: string; contentType: string }) => {
      return message.role === "assistant" && message.contentType === "text"
    })
    expect(summary.lastAnswer).toMatchObject({ id: words.at(-1).id, text: words.at(-1).text })
  })

  it("is told of one that has done nothing, too, and shortens what is long", async () => {
    const server = await start()
    const idle = await server.create(temporary("work"))
    expect((await server.call("GET", `/v1/sessions/${idle.id}/latency`)).body.turn).toEqual({ count: 0 })
    const quiet = (await server.call("GET", `/v1/sessions/${idle.id}/summary`)).body
    expect([quiet.firstPrompt, quiet.lastAnswer, quiet.tools, quiet.changedFiles]).toEqual([
      undefined,
      undefined,
      [],
      [],
    ])
    const long = `${"x".repeat(1999)}\u{1F600}`
    const wordy = await server.create(temporary("work"), script(`say ${long}`))
    await server.untilLogged(wordy.id, "turn.ended")
    const { lastAnswer } = (await server.call("GET", `/v1/sessions/${wordy.id}/summary`)).body
    expect(lastAnswer.text).toBe(`${"x".repeat(1999)}\uFFFD…`)
  })
})

describe("what all sessions have done", () => {
  it("is added up, and grouped by day, agent, model, key and label", async () => {
    const server = await start()
    const { id } = await busySession(server, { labels: { team: "web" } })
    await server.create(temporary("work"))
    const stats = (await server.call("GET", "/v1/sessions/stats")).body
    expect(stats).toMatchObject({
      sessions: 2,
      byStatus: { error: 1 },
      byAgent: { demo: 2 },
      turns: { ended: 2, failed: 1 },
      toolCalls: { ended: 2, failed: 1 },
      approvals: { asked: 2, approved: 1, rejected: 1 },
      rateLimits: 1,
      cost: 250_000,
    })
    expect((await server.call("GET", "/v1/tools")).body.items).toMatchObject([{ calls: 2, asked: 2, approved: 1 }])
    const day = new Date().toISOString().slice(0, 10)
    const groups: Record<string, string> = { day, agent: "demo", model: "default", "label&label=team": "web" }
    for (const [by, group] of Object.entries(groups)) {
      const costs = (await server.call("GET", `/v1/analytics/costs?by=${by}`)).body
      expect(costs.items).toEqual([{ group, sessions: 1, cost: 250_000, turns: 2, totalTokens: 0 }])
      expect([costs.total, costs.hasMore]).toEqual([{ cost: 250_000, turns: 2, totalTokens: 0 }, false])
      const usage = (await server.call("GET", `/v1/analytics/usage?by=${by}`)).body
      expect(usage).toMatchObject({
        items: [{ group, sessions: 1, turns: 2, failedTurns: 1 }],
        total: { turns: 2, failedTurns: 1, tokens: { totalTokens: 0 } },
      })
      const limits = (await server.call("GET", `/v1/analytics/rate-limits?by=${by}`)).body
      expect(limits).toMatchObject({ items: [{ group, sessions: 1, hits: 1 }], total: { hits: 1 } })
      expect(limits.items[0].longestWaitMs).toBe(1000)
    }
    const other = await server.create(temporary("work"), script("say Hi."), { labels: { team: "app" } })
    await server.untilLogged(other.id, "turn.ended")
    const most = (await server.call("GET", "/v1/analytics/usage?by=label&label=team&limit=1")).body
    expect([most.items[0].group, most.items.length, most.total.turns, most.hasMore]).toEqual(["web", 1, 3, true])
    // A name that every object has, and no session here.
    const nobodys = (await server.call("GET", "/v1/analytics/usage?by=label&label=constructor")).body
    expect(nobodys.items).toMatchObject([{ group: "none", sessions: 2 }])
    await server.call("PATCH", `/v1/sessions/${other.id}`, { labels: { team: "web" } })
    const relabelled = (await server.call("GET", "/v1/analytics/usage?by=label&label=team")).body
    expect(relabelled.items).toMatchObject([{ group: "web", sessions: 2, turns: 3 }])
    const past = "from=2020-01-01T00:00:00.000Z&to=2020-02-01T00:00:00.000Z"
    expect((await server.call("GET", `/v1/analytics/costs?${past}`)).body).toMatchObject({
      items: [],
      total: { cost: 0 },
    })
    expect((await server.call("GET", `/v1/tools?${past}`)).body.items).toEqual([])
    expect((await server.call("DELETE", `/v1/sessions/${id}`)).status).toBe(200)
    expect((await server.call("GET", "/v1/sessions/stats")).body.byStatus).toMatchObject({ killed: 1 })
  })

  it("is told in their health, page by page, of those that go on", async () => {
    const server = await start()
    const { id } = await busySession(server)
    const idle = await server.create(temporary("work"))
    await server.untilLogged(idle.id, "session.ready")
    const dead = await server.create(temporary("work"))
    await server.call("DELETE", `/v1/sessions/${dead.id}`)
    const first = (await server.call("GET", "/v1/sessions/health?limit=1")).body
    expect(first.items).toMatchObject([{ sessionId: idle.id, hints: [] }])
    const second = (await server.call("GET", `/v1/sessions/health?limit=1&after=${first.nextCursor}`)).body
    expect(second).toMatchObject({
      items: [{ sessionId: id, name: "Busy", healthy: false, hints: [{ code: "failed" }] }],
    })
    expect(second.nextCursor).toBeUndefined()
  })

  it("is each one's own where they share nothing, and an agent's of its children", async () => {
    const server = await start({ config: { sharing: "owner" } })
    const { id } = await busySession(server)
    const key = bearer((await server.createKey("viewer", { userId: "bo" })).key)
    const as = async (path: string) => (await server.call("GET", path, undefined, key)).body
    expect((await as("/v1/sessions/stats")).sessions).toBe(0)
    expect((await as("/v1/sessions/health")).items).toEqual([])
    expect((await as("/v1/tools")).items).toEqual([])
    for (const what of ["costs", "usage", "rate-limits"]) expect((await as(`/v1/analytics/${what}`)).items).toEqual([])
    for (const what of ["metrics", "latency", "tools", "cost", "summary"])
      expect(await as(`/v1/sessions/${id}/${what}`)).toMatchObject({ status: 404, code: "session-not-found" })
  })

  it("is asked for with a time that is one, and a label where there is one", async () => {
    const server = await start()
    const refused: Record<string, string> = {
      "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z": "range-invalid",
      "from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z": "range-invalid",
      "from=yesterday": "request-invalid",
      "by=label": "request-invalid",
      "by=day&label=team": "request-invalid",
      "by=colour": "request-invalid",
      "limit=1001": "request-invalid",
    }
    for (const [query, code] of Object.entries(refused)) {
      const { status, body } = await server.call("GET", `/v1/analytics/costs?${query}`)
      expect([query, status, body.code]).toEqual([query, 400, code])
    }
    expect((await server.call("GET", "/v1/analytics/rate-limits?by=key")).status).toBe(400)
  })
})
