import { describe, expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const METRICS_TOKEN = "agm-of-what-reads-metrics"

async function scrape(server: Server, key = server.server.token) {
  const response = await fetch(`${server.url}/metrics`, { headers: bearer(key) })
  return { status: response.status, type: response.headers.get("Content-Type"), text: await response.text() }
}

/** The value of a series, by its name and labels as Prometheus writes them. */
function seriesIn(text: string, series: string) {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

/** What the log tells is counted a moment after it was told. */
async function untilCounted(server: Server, series: string, count: number) {
  await expect.poll(async () => seriesIn((await scrape(server)).text, series), { timeout: 10_000 }).toBe(count)
}

async function worked(server: Server) {
  const { id } = await server.create(temporary("work"), script("usage 10 20 0.25", "retry 1 1000", "write a.txt Hello"))
  await server.untilLogged(id, "approval.requested")
  await server.call("POST", `/v1/sessions/${id}/approve`)
  await server.untilLogged(id, "turn.ended")
  await untilCounted(server, 'aegis_turns_total{tenant="local",outcome="end_turn"}', 1)
}

describe("GET /metrics", () => {
  it("tells Prometheus what sessions did, how long it took, what was asked of the server, and how it is", async () => {
    const server = await start()
    await worked(server)
    const { status, type, text } = await scrape(server)
    expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"])
    const expected = {
      'aegis_sessions{tenant="local",status="idle"}': 1,
      'aegis_sessions_created_total{tenant="local"}': 1,
      'aegis_tool_calls_total{tenant="local",kind="edit",status="completed"}': 1,
      'aegis_approvals_total{tenant="local",status="approved",decider="key"}': 1,
      'aegis_cost_dollars_total{tenant="local"}': 0.25,
      'aegis_rate_limits_total{tenant="local"}': 1,
      'aegis_turn_duration_seconds_count{tenant="local"}': 1,
      'aegis_turn_queue_seconds_count{tenant="local"}': 1,
      'aegis_first_output_seconds_count{tenant="local"}': 1,
      'aegis_tool_duration_seconds_count{tenant="local"}': 1,
      'aegis_approval_wait_seconds_count{tenant="local"}': 1,
      'aegis_http_requests_total{operation="createSession",status="2xx"}': 1,
      'aegis_http_request_duration_seconds_count{operation="createSession"}': 1,
      aegis_streams: 0,
    }
    for (const [series, value] of Object.entries(expected))
      expect([series, seriesIn(text, series)]).toEqual([series, value])
    expect(seriesIn(text, "aegis_log_head")).toBe(server.server.aegis.head())
    for (const series of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_heap_size_used_bytes"])
      expect(seriesIn(text, series)).toBeGreaterThan(0)
    await server.call("GET", "/v1/nothing")
    await server.call("GET", "/v1/sessions/00000000-0000-4000-8000-000000000000")
    const after = (await scrape(server)).text
    expect(seriesIn(after, 'aegis_http_requests_total{operation="none",status="4xx"}')).toBe(1)
    expect(seriesIn(after, 'aegis_http_requests_total{operation="getSession",status="4xx"}')).toBe(1)
  })

  it("never makes a label of what an agent says", async () => {
    const server = await start()
    const odd = 'tool {"title":"x","kind":"made up","status":"in_progress"}'
    const { id } = await server.create(temporary("work"), script(odd, "say Hi."))
    await server.untilLogged(id, "turn.ended")
    await untilCounted(server, 'aegis_turns_total{tenant="local",outcome="end_turn"}', 1)
    expect((await scrape(server)).text).not.toContain("made up")
  })

  it("tells a key of another tenant what is that tenant's, and nothing of the server", async () => {
    const server = await start()
    await worked(server)
    const { key } = await server.createKey("operator", { tenantId: "other", userId: "bo" })
    expect((await scrape(server, key)).text).toBe("")
    await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(key))
    await untilCounted(server, 'aegis_sessions_created_total{tenant="other"}', 1)
    const { text } = await scrape(server, key)
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    expect(series.length).toBeGreaterThan(1)
    for (const line of series) expect(line).toContain('tenant="other"')
    const viewer = await server.createKey("viewer")
    expect((await scrape(server, viewer.key)).text).not.toContain('tenant="other"')
  })

  it("opens with a token of its own, which opens nothing else", async () => {
    const server = await start({ config: { metrics: { token: METRICS_TOKEN } } })
    expect((await scrape(server, METRICS_TOKEN)).text).toContain("aegis_build_info")
    expect((await server.call("GET", "/v1/metrics", undefined, bearer(METRICS_TOKEN))).status).toBe(200)
    for (const path of ["/v1/sessions", "/v1/diagnostics", "/v1/audit", "/v1/memory"])
      expect((await server.call("GET", path, undefined, bearer(METRICS_TOKEN))).status).toBe(403)
    const made = await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(METRICS_TOKEN))
    expect(made.status).toBe(403)
    const without = await start()
    expect((await scrape(without, METRICS_TOKEN)).status).toBe(401)
    expect((await scrape(without, "undefined")).status).toBe(401)
  })
})

describe("GET /v1/metrics", () => {
  it("tells what the sessions did, and how the process is to those whose server it is", async () => {
    const server = await start()
    await worked(server)
    const { body } = await server.call("GET", "/v1/metrics")
    expect(body).toMatchObject({
      sessions: { sessions: 1, turns: { ended: 1, failed: 0 }, cost: 250_000 },
      process: { streams: 0, requests: { failed: 0 } },
    })
    expect(body.process.memory.rss).toBeGreaterThan(1_000_000)
    expect(body.process.requests.total).toBeGreaterThan(2)
    const { stream } = { stream: await server.stream("/v1/events") }
    expect((await server.call("GET", "/v1/metrics")).body.process.streams).toBe(1)
    await stream.frames.return(undefined)
    const other = bearer((await server.createKey("viewer", { tenantId: "other", userId: "bo" })).key)
    const theirs = (await server.call("GET", "/v1/metrics", undefined, other)).body
    expect([theirs.sessions.sessions, theirs.process]).toEqual([0, undefined])
  })
})

describe("GET /v1/diagnostics", () => {
  it("tells what one looks at when something is wrong, without secrets", async () => {
    const server = await start({ config: { metrics: { token: METRICS_TOKEN } } })
    const { body } = await server.call("GET", "/v1/diagnostics")
    expect(body).toMatchObject({
      health: { status: "ok", storage: { engine: "sqlite" }, audit: { status: "ok" } },
      node: process.versions.node,
      storageSettings: { synchronous: expect.anything() },
      agents: expect.arrayContaining([expect.objectContaining({ name: "demo", installed: true })]),
      failures: [],
    })
    expect(Object.keys(body.handles).length).toBeGreaterThan(0)
    const config = new Map(body.config.map(({ key, ...told }: { readonly key: string }) => [key, told]))
    expect(config.get("agent.default")).toEqual({ value: "demo", isDefault: false })
    expect(config.get("metrics.token")).toEqual({ value: "[hidden]", isDefault: false })
    expect(JSON.stringify(body)).not.toContain(METRICS_TOKEN)
    expect(JSON.stringify(body)).not.toContain(server.server.token)
  })

  it("tells which requests failed by the server's fault, and other tenants nothing of it", async () => {
    const server = await start()
    const { aegis } = server.server
    const listAgents = aegis.listAgents.bind(aegis)
    aegis.listAgents = () => Promise.reject(new Error("Bearer ghp_0123456789abcdefghijklmnopqrstuvwxyz is no good."))
    const failed = await server.call("GET", "/v1/agents")
    aegis.listAgents = listAgents
    expect(failed.status).toBe(500)
    const { failures } = (await server.call("GET", "/v1/diagnostics")).body
    expect(failures).toMatchObject([
      { requestId: failed.body.requestId, message: expect.stringContaining("is no good.") },
    ])
    expect(failures[0].message).not.toContain("ghp_0123456789")
    const other = bearer((await server.createKey("admin", { tenantId: "other", userId: "bo" })).key)
    const theirs = (await server.call("GET", "/v1/diagnostics", undefined, other)).body
    expect(theirs.health.status).toBe("ok")
    for (const name of ["failures", "config", "process", "handles"]) expect(theirs).not.toHaveProperty(name)
    const operator = bearer((await server.createKey("operator")).key)
    expect((await server.call("GET", "/v1/diagnostics", undefined, operator)).status).toBe(403)
  })

  it("tells which parts of a batch failed so", async () => {
    const server = await start()
    const { aegis } = server.server
    const begin = aegis.beginSession.bind(aegis)
    aegis.beginSession = (caller, input) =>
      input.name === "ill" ? Promise.reject(new Error("Out of order.")) : begin(caller, input)
    const sessions = [{ workDir: temporary("work"), name: "ill" }, { workDir: "/no/such/folder" }]
    const [{ problem }, other] = (await server.call("POST", "/v1/sessions/batch", { sessions })).body.results
    expect([problem.status, other.problem.code]).toEqual([500, "workdir-invalid"])
    const { failures } = (await server.call("GET", "/v1/diagnostics")).body
    expect(failures).toMatchObject([{ requestId: problem.requestId, message: "Error: Out of order." }])
  })
})
