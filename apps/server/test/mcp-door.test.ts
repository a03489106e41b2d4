import { request } from "node:http"
import { describe, expect, it } from "vitest"
import { ask, HOST_HEADERS, INITIALIZE, LIST, listen, openSession, useHosts } from "./mcp-host.ts"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
const connect = useHosts()

type Server = Awaited<ReturnType<typeof start>>

const SESSION = "Mcp-Session-Id"
const rateLimit = { requestsPerAddress: 100_000, requestsPerKey: 100_000, authFailures: 100_000 }
const as = (address: string) => ({ "X-Forwarded-For": address })

async function logOf(server: Server, path = "/v1/log?after=0&limit=200") {
  return (await server.call("GET", path)).body.items as { type: string; actor: unknown; data: unknown }[]
}

describe("MCP over HTTP", () => {
  it("does a session's work, an approval too, as its holder; and the log says by which door", async () => {
    const server = await start()
    const host = await connect(server.url, server.server.token)
    const { tools } = await host.client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["create_session", "approve_permission"]))
    const workDir = temporary("work")
    const { id: sessionId } = await host.call("create_session", {
      workDir,
      prompt: script("write a.txt x", "say Done."),
    })
    await server.untilLogged(sessionId, "approval.requested")
    expect(await host.call("get_status", { sessionId })).toMatchObject({ status: "permission_prompt" })
    const approved = await host.call("approve_permission", { sessionId })
    expect(approved).toMatchObject({ isError: false, status: "approved", decidedBy: { id: "local", via: "mcp" } })
    await server.untilLogged(sessionId, "turn.ended")
    const { messages } = await host.call("get_transcript", { sessionId })
    expect(JSON.stringify(messages)).toContain("Done.")
    expect(await host.call("kill_session", { sessionId })).toMatchObject({ isError: false })
    const written = (await logOf(server)).filter(({ type }) =>
      /^session\.(created|kill)|^approval\.resolved/.test(type),
    )
    expect(written.length).toBeGreaterThanOrEqual(3)
    expect(new Set(written.map(({ actor }) => JSON.stringify(actor)))).toEqual(
      new Set([JSON.stringify({ kind: "key", id: "local", via: "mcp" })]),
    )
  })

  it("refuses what its key may not, like the REST door, and the trail has it", async () => {
    const server = await start()
    const { id: keyId, key } = await server.createKey("viewer", { tenantId: "local", userId: "local" })
    const { id: sessionId } = await server.create(temporary("work"))
    const host = await connect(server.url, key)
    expect(await host.call("get_status", { sessionId })).toMatchObject({ id: sessionId })
    const refused = await host.call("kill_session", { sessionId })
    expect(refused).toMatchObject({ isError: true, code: "permission-missing", status: 403 })
    const stranger = await connect(server.url, (await server.createKey("admin", { tenantId: "other" })).key)
    expect(await stranger.call("get_status", { sessionId })).toMatchObject({ code: "session-not-found" })
    const denied = (await logOf(server)).find(({ type }) => type === "auth.denied")
    expect(denied).toMatchObject({ actor: { id: keyId, via: "mcp" }, data: { keyId, operation: "killSession" } })
  })

  it("answers batches, and refuses what is no message of MCP's with 4xx; the session goes on", async () => {
    const server = await start()
    const { token } = server.server
    const own = { ...bearer(token), [SESSION]: await openSession(server.url, token) }
    const batch = `[${LIST},${LIST.replace('"id":1', '"id":2')}]`
    const answers = await (await ask(server.url, "POST", own, batch)).text()
    expect([answers.includes('"id":1'), answers.includes('"id":2')]).toEqual([true, true])
    for (const [body, headers, status] of [
      ["{", {}, 400],
      ["[]", { "Mcp-Protocol-Version": "1" }, 400],
      ['{"jsonrpc":"1.0"}', {}, 400],
      [INITIALIZE, {}, 400],
      [LIST, { Accept: "text/html" }, 406],
      [LIST, { "Content-Type": "text/plain" }, 415],
      [`"${"x".repeat(1024 * 1024)}"`, {}, 413],
    ] as const)
      expect([body.slice(0, 20), (await ask(server.url, "POST", { ...own, ...headers }, body)).status]).toEqual([
        body.slice(0, 20),
        status,
      ])
    const { status, headers } = await ask(server.url, "POST", own, LIST)
    const said = ["X-Request-Id", "RateLimit", "X-Content-Type-Options"].map((name) => headers.get(name))
    expect([status, ...said]).toEqual([200, ...Array.from({ length: 3 }, () => expect.any(String))])
  })
})

describe("a session over HTTP", () => {
  it("begins with initialize, and only with it", async () => {
    const server = await start()
    const own = bearer(server.server.token)
    for (const [method, body] of [
      ["GET", undefined],
      ["DELETE", undefined],
      ["POST", LIST],
      ["POST", "{"],
    ] as const) {
      const refused = await ask(server.url, method, own, body)
      expect(refused.headers.get("Content-Type")).toBe("application/problem+json")
      expect(await refused.json()).toMatchObject({ status: 400, code: "mcp-session-missing" })
    }
    for (const method of ["HEAD", "PUT", "PATCH"]) expect((await ask(server.url, method, own)).status).toBe(404)
  })

  it("of another, or of the same key's other secret, is not there: to the letter like one that never was", async () => {
    const server = await start()
    const { id: keyId, key: before } = await server.createKey("operator")
    const { key: other } = await server.createKey("operator")
    const rotated = await server.call("POST", `/v1/auth/keys/${keyId}/rotate`, { graceSeconds: 600 })
    const theirs = await openSession(server.url, before)
    const never = "00000000-0000-4000-8000-000000000000"
    const told = async (method: string, key: string, sessionId: string) => {
      const body = method === "POST" ? LIST : undefined
      const answer = await ask(server.url, method, { ...bearer(key), [SESSION]: sessionId }, body)
      const text = (await answer.text()).replace(/"requestId":"[^"]*"/, "")
      const headers = [...answer.headers].filter(([name]) => !/^(x-request-id|date|ratelimit)$/.test(name))
      return JSON.stringify([answer.status, text, headers])
    }
    for (const method of ["GET", "POST", "DELETE"])
      for (const key of [other, server.server.token, rotated.body.key]) {
        const answer = await told(method, key, theirs)
        expect(answer).toBe(await told(method, key, never))
        expect(answer).toMatch(/^\[404,"\{.*mcp-session-not-found/)
      }
    expect((await ask(server.url, "POST", { ...bearer(before), [SESSION]: theirs }, LIST)).status).toBe(200)
  })

  it("ends when its host says so, with the stream that it listens on", async () => {
    const server = await start()
    const { token } = server.server
    const host = await connect(server.url, token)
    const { sessionId } = host
    const other = await openSession(server.url, token)
    const { status, ended } = await listen(server.url, token, other)
    expect(status).toBe(200)
    expect((await listen(server.url, token, other)).status).toBe(409)
    expect((await ask(server.url, "DELETE", { ...bearer(token), [SESSION]: other })).status).toBe(200)
    expect(await ended).toBe("")
    await host.leave()
    for (const gone of [sessionId, other])
      expect((await ask(server.url, "POST", { ...bearer(token), [SESSION]: gone }, LIST)).status).toBe(404)
  })

  it("ends with the server: streams come to their end, and nobody waits for them", async () => {
    const server = await start()
    const { token } = server.server
    const { ended } = await listen(server.url, token, await openSession(server.url, token))
    const began = performance.now()
    await server.server.close()
    expect(await ended).toBe("")
    // Connections that are left are cut after two seconds.
    expect(performance.now() - began).toBeLessThan(1900)
  })
})

describe("a key at /mcp", () => {
  it.each([
    ["revoked", (server: Server, id: string) => server.call("DELETE", `/v1/auth/keys/${id}`), 401],
    ["rotated", (server: Server, id: string) => server.call("POST", `/v1/auth/keys/${id}/rotate`), 401],
    [
      "given less",
      (server: Server, id: string) => server.call("PATCH", `/v1/auth/keys/${id}`, { role: "viewer" }),
      404,
    ],
  ])("that is %s takes its sessions and streams with it, and nobody else's", async (_, change, status) => {
    const server = await start()
    const [gone, other] = [await server.createKey("operator"), await server.createKey("operator")]
    const sessions = [await openSession(server.url, gone.key), await openSession(server.url, gone.key)]
    const streams = await Promise.all(sessions.map((id) => listen(server.url, gone.key, id)))
    const others = await openSession(server.url, other.key)
    const stays = await listen(server.url, other.key, others)
    const began = performance.now()
    expect((await change(server, gone.id)).status).toBeLessThan(300)
    expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(["", ""])
    expect(performance.now() - began).toBeLessThan(1000)
    for (const id of sessions)
      for (const method of ["GET", "POST", "DELETE"]) {
        const body = method === "POST" ? LIST : undefined
        expect((await ask(server.url, method, { ...bearer(gone.key), [SESSION]: id }, body)).status).toBe(status)
      }
    expect((await ask(server.url, "POST", { ...bearer(other.key), [SESSION]: others }, LIST)).status).toBe(200)
    stays.leave()
    await expect(stays.ended).rejects.toThrow("abort")
  })

  it("that ends by itself takes its stream with it", async () => {
    const server = await start({ heartbeatMs: 20 })
    const { key } = await server.createKey("operator", { expiresAt: new Date(Date.now() + 1500).toISOString() })
    const sessionId = await openSession(server.url, key)
    const { status, ended } = await listen(server.url, key, sessionId)
    expect([status, await ended]).toEqual([200, ""])
    expect((await ask(server.url, "POST", { ...bearer(key), [SESSION]: sessionId }, LIST)).status).toBe(401)
  })
})

describe("a stranger at /mcp", () => {
  it("needs a key in the header for it; nothing else is one", async () => {
    const server = await start({ config: { rateLimit } })
    const { token } = server.server
    const stream = await server.streamToken()
    const revoked = await server.createKey("admin")
    await server.call("DELETE", `/v1/auth/keys/${revoked.id}`)
    const { url: link } = (await server.call("POST", "/v1/auth/login-code")).body
    const cookie = await server.signIn(link)
    expect((await server.call("GET", "/v1/version", undefined, cookie)).status).toBe(200)
    for (const [query, headers] of [
      ["", {}],
      ["", { Authorization: "Bearer " }],
      ["", { Authorization: "Bearer wrong" }],
      ["", { Authorization: `Basic ${token}` }],
      ["", bearer(revoked.key)],
      ["", bearer(stream)],
      ["", bearer(server.hookSecret)],
      ["", { "X-Hook-Secret": server.hookSecret }],
      ["", cookie],
      ["", { ...cookie, Authorization: "Basic x" }],
      [`?token=${token}`, {}],
      [`?token=${token}`, { Authorization: "Basic x" }],
      [`?token=${stream}`, {}],
    ] as const) {
      const answer = await fetch(`${server.url}/mcp${query}`, {
        method: "POST",
        headers: { ...HOST_HEADERS, ...headers },
        body: INITIALIZE,
      })
      const { code } = (await answer.json()) as { readonly code: string }
      const said = [answer.status, code, answer.headers.get("WWW-Authenticate")]
      expect([query, headers, ...said]).toEqual([query, headers, 401, "credential-missing", "Bearer"])
    }
  })

  it("who guesses is counted, and noted as at this door", async () => {
    const server = await start({ config: { rateLimit: { ...rateLimit, authFailures: 2 } } })
    const statuses: number[] = []
    for (let tries = 0; tries < 3; tries++)
      statuses.push((await ask(server.url, "POST", bearer("wrong"), INITIALIZE)).status)
    expect(statuses).toEqual([401, 401, 429])
    const failed = (await logOf(server, "/v1/audit?limit=200")).find(({ type }) => type === "auth.failed")
    expect(failed).toMatchObject({ actor: { via: "mcp" } })
  })

  it.each([
    ["under another name", { Host: "evil.example" }, 421],
    ["as a page of another origin", { Origin: "http://evil.example" }, 403],
    ["as a page of another site", { "Sec-Fetch-Site": "cross-site" }, 403],
  ])("%s is refused, with a good key too", async (_, headers, status) => {
    const server = await start()
    const { hostname, port } = new URL(server.url)
    const own = { Host: `${hostname}:${port}`, ...HOST_HEADERS, ...bearer(server.server.token) }
    const statusFor = (more: object) =>
      new Promise<number | undefined>((resolve) => {
        const options = { hostname, port, path: "/mcp", method: "POST", headers: { ...own, ...more } }
        request(options, (answer) => {
          answer.resume()
          answer.once("close", () => resolve(answer.statusCode))
        }).end(INITIALIZE)
      })
    expect([await statusFor(headers), await statusFor({})]).toEqual([status, 200])
  })
})

describe("limits at /mcp", () => {
  const behindProxy = { trustedProxies: ["127.0.0.1"] }

  it("of event streams are those of all event streams of the address", async () => {
    const server = await start({ config: { ...behindProxy, sse: { maxConnections: 100, maxPerIp: 1 } } })
    const { token } = server.server
    const [one, two] = [await openSession(server.url, token), await openSession(server.url, token)]
    const first = await listen(server.url, token, one, as("198.51.100.1"))
    const refused = await ask(server.url, "GET", { ...bearer(token), [SESSION]: two, ...as("198.51.100.1") })
    expect(await refused.json()).toMatchObject({ status: 429, code: "too-many-streams" })
    expect((await server.stream("/v1/events", as("198.51.100.1"))).response.status).toBe(429)
    first.leave()
    await expect(first.ended).rejects.toThrow("abort")
    await expect
      .poll(async () => (await listen(server.url, token, two, as("198.51.100.1"))).status, { timeout: 5000 })
      .toBe(200)
  })

  it("of requests count each tool call where its host is", async () => {
    const server = await start({ config: { ...behindProxy, rateLimit: { ...rateLimit, requestsPerAddress: 10 } } })
    const host = await connect(server.url, server.server.token, as("198.51.100.1"))
    const codes = async (count: number) => {
      const calls = Array.from({ length: count }, (_, id) => ({
        jsonrpc: "2.0",
        id,
        method: "tools/call",
        params: { name: "list_sessions", arguments: {} },
      }))
      const own = { ...bearer(server.server.token), [SESSION]: host.sessionId, ...as("198.51.100.2") }
      return (await ask(server.url, "POST", own, JSON.stringify(calls))).text()
    }
    // One is the request that has them all in it.
    const text = await codes(12)
    expect([text.match(/"isError":true/g)?.length, text.match(/rate-limited/g)?.length]).toEqual([3, 6])
    expect(await host.call("list_sessions")).toMatchObject({ isError: false })
  })

  it("of sessions do not count a first request that is refused", async () => {
    const server = await start()
    const { token } = server.server
    const sessionId = await openSession(server.url, token)
    for (let tries = 0; tries < 33; tries++)
      expect((await ask(server.url, "POST", { ...bearer(token), Accept: "text/html" }, INITIALIZE)).status).toBe(406)
    expect((await ask(server.url, "POST", { ...bearer(token), [SESSION]: sessionId }, LIST)).status).toBe(200)
  })

  it("of sessions end the one that was idle for longest, and none that is listened to", async () => {
    const server = await start()
    const { token } = server.server
    const stays = await openSession(server.url, token)
    const { ended, leave } = await listen(server.url, token, stays)
    const idle: string[] = []
    for (let opened = 1; opened < 32; opened++) idle.push(await openSession(server.url, token))
    const statusOf = async (id: string) =>
      (await ask(server.url, "POST", { ...bearer(token), [SESSION]: id }, LIST)).status
    // The first is not the one that was idle for longest any more.
    expect(await statusOf(idle[0] ?? "")).toBe(200)
    const last = await openSession(server.url, token)
    const [first = "", second = "", third = ""] = idle
    const statuses = await Promise.all([stays, first, second, third, last].map(statusOf))
    expect(statuses).toEqual([200, 200, 404, 200, 200])
    // Another key has its own.
    const other = await server.createKey("viewer")
    expect(await openSession(server.url, other.key)).not.toContain("none")
    const streams = await Promise.all([first, ...idle.slice(2), last].map((id) => listen(server.url, token, id)))
    const refused = await ask(server.url, "POST", bearer(token), INITIALIZE)
    expect(await refused.json()).toMatchObject({ status: 429, code: "too-many-mcp-sessions" })
    expect(refused.headers.get("Retry-After")).toBe("5")
    for (const stream of [...streams, { ended, leave }]) {
      stream.leave()
      await expect(stream.ended).rejects.toThrow("abort")
    }
  })
})
