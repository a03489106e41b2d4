import { statSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { join } from "node:path"
import { operations, permissionOf } from "@aegis/openapi-contract"
import { describe, expect, it, onTestFinished } from "vitest"
import { createApp } from "../src/app.ts"
import { RawSocket, statusesOf } from "./raw-socket.ts"
import { bearer, codeOf, defaults, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
const all = Object.values(operations)
const pathOf = (operation: { readonly path: string }) =>
  operation.path.replaceAll("{id}", "00000000-0000-4000-8000-000000000000")

describe("credentials", () => {
  it("are asked for by every operation but the two public ones, and for what does not exist", async () => {
    const server = await start()
    const open: string[] = []
    for (const operation of all) {
      const { status, body, headers } = await server.call(
        operation.method.toUpperCase(),
        pathOf(operation),
        undefined,
        {},
      )
      if (permissionOf(operation) === "public") open.push(`${operation.operationId} ${status}`)
      else
        expect([operation.operationId, status, body.code, headers.get("WWW-Authenticate")]).toEqual([
          operation.operationId,
          401,
          "credential-missing",
          "Bearer",
        ])
    }
    expect(open.toSorted()).toEqual(["exchangeLoginCode 400", "getHealth 200"])
    expect((await server.call("GET", "/v1/nothing", undefined, {})).status).toBe(401)
    expect((await server.call("GET", "/v1/nothing")).status).toBe(404)
    expect((await server.call("GET", "/v1/health", undefined, {})).body).toEqual({
      status: "ok",
      uptime: expect.any(Number),
    })
  })

  it("that are wrong, empty, of another kind or in the address are refused", async () => {
    const server = await start()
    const streamToken = await server.streamToken()
    const { token } = server.server
    const refused: [path: string, headers: Record<string, string>][] = [
      ["/v1/sessions", { Authorization: "Bearer wrong" }],
      ["/v1/sessions", { Authorization: "Bearer " }],
      ["/v1/sessions", { Authorization: `Basic ${token}` }],
      ["/v1/sessions", { Authorization: `Bearer ${streamToken}` }],
      ["/v1/sessions", { Cookie: `aegis_session=${token}` }],
      [`/v1/sessions?token=${token}`, {}],
      [`/v1/sessions?token=${token}`, { Authorization: "Basic x" }],
      ["/v1/events", { Authorization: `Bearer ${token}` }],
      [`/v1/events?token=${token}`, {}],
      ["/v1/events", { Authorization: `Bearer ${streamToken.slice(0, -2)}AA` }],
      ["/v1/events", { Authorization: "Bearer sse_e30.e30" }],
    ]
    for (const [path, headers] of refused)
      expect([path, (await server.call("GET", path, undefined, headers)).status]).toEqual([path, 401])
  })

  it("of a stream bound to one session open no other, and end", async () => {
    const server = await start({ streamTokenMs: 1 })
    const expired = await server.streamToken()
    expect((await server.call("GET", "/v1/events", undefined, { Authorization: `Bearer ${expired}` })).status).toBe(401)
    const lasting = await start()
    const [one, two] = [
      await lasting.create(temporary("work")),
      await lasting.create(temporary("work"), undefined, { reuse: false }),
    ]
    const bound = await lasting.streamToken(one.id)
    expect(
      (await lasting.call("GET", `/v1/sessions/${two.id}/events`, undefined, { Authorization: `Bearer ${bound}` }))
        .status,
    ).toBe(404)
    expect((await lasting.call("POST", "/v1/auth/sse-token", { sessionId: "nothing" })).status).toBe(404)
  })

  it("are kept in files of the user alone, and stay the same over a restart", async () => {
    const stateDir = temporary("state")
    const first = await start({ config: defaults(stateDir) })
    const { token } = first.server
    expect(token.length).toBeGreaterThan(30)
    for (const file of ["token", "secret", "aegis.db"]) expect(statSync(join(stateDir, file)).mode & 0o777).toBe(0o600)
    await first.server.close()
    expect((await start({ config: defaults(stateDir) })).server.token).toBe(token)
    const configured = await start({ config: { auth: { token: "a-token-of-the-configuration" } } })
    expect(
      (
        await configured.call("POST", "/v1/auth/verify", undefined, {
          Authorization: "Bearer a-token-of-the-configuration",
        })
      ).body,
    ).toMatchObject({ keyId: "local", role: "admin" })
  })
})

describe("the login link", () => {
  it("works once, and sets a cookie that scripts and other sites do not get", async () => {
    const server = await start()
    const link = new URL(server.server.loginUrl())
    expect(link.search).toBe("")
    const code = codeOf(link.href)
    const { status, headers, body } = await server.call("POST", "/v1/auth/exchange", { code }, { Origin: server.url })
    expect(status).toBe(200)
    const cookie = headers.get("Set-Cookie") ?? ""
    expect(cookie).toMatch(/^aegis_session=[^;]+; .*Path=\/.*HttpOnly.*SameSite=Strict$/)
    const session = { Cookie: cookie.split(";")[0] ?? "", "X-Aegis-Page-Token": body.pageToken }
    const read = async (shown: Record<string, string>) =>
      (await server.call("GET", "/v1/sessions", undefined, shown)).status
    expect(await read(session)).toBe(200)
    expect(await read({ ...session, Cookie: `${session.Cookie}x` })).toBe(401)
    expect(await server.call("POST", "/v1/auth/exchange", { code }, {})).toMatchObject({
      status: 401,
      body: { code: "login-code-invalid" },
    })
    expect((await server.call("POST", "/v1/auth/exchange", { code: "guess" }, {})).status).toBe(401)
  })
})

describe("a server on another port of this host", () => {
  // Ports share cookies: a browser that opens a page there shows it ours.
  it("has nothing of the cookie that it is shown", async () => {
    const server = await start()
    const [login, other] = [await server.signIn(), await server.signIn()]
    const neighbour = await listen((request, response) => response.end(request.headers.cookie))
    const { port } = neighbour.address() as AddressInfo
    const Cookie = await (await fetch(`http://127.0.0.1:${port}`, { headers: { Cookie: login.Cookie } })).text()
    expect(Cookie).toBe(login.Cookie)
    const guesses = [{}, { "X-Aegis-Page-Token": "" }, { "X-Aegis-Page-Token": other["X-Aegis-Page-Token"] }]
    for (const shown of guesses)
      for (const [method, path, body] of [
        ["GET", "/v1/sessions"],
        ["POST", "/v1/auth/verify"],
        ["POST", "/v1/auth/login-code"],
        ["POST", "/v1/auth/sse-token", {}],
        ["POST", "/v1/auth/logout"],
        ["POST", "/v1/system/stop-all", {}],
      ] as const)
        expect([path, (await server.call(method, path, body, { ...shown, Cookie })).status]).toEqual([path, 401])
    expect((await server.call("POST", "/v1/auth/verify", undefined, login)).status).toBe(200)
  })
})

describe("behind TLS", () => {
  it("the cookie has a name that no other server of the domain can set, and only that one counts", async () => {
    const spare = await listen(() => {})
    const { port } = spare.address() as AddressInfo
    spare.close()
    const server = await start({ config: { port, baseUrl: "https://aegis.example" } })
    const call = (method: string, path: string, headers: Record<string, string>, body: string | null = null) =>
      fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body })
    const code = JSON.stringify({ code: codeOf(server.server.loginUrl()) })
    const exchanged = await call("POST", "/v1/auth/exchange", { "Content-Type": "application/json" }, code)
    const [cookie = ""] = exchanged.headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-aegis_session=[^;]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    const { pageToken } = (await exchanged.json()) as { readonly pageToken: string }
    const shown = { Cookie: cookie.split(";")[0] ?? "", "X-Aegis-Page-Token": pageToken }
    const read = async (Cookie: string) => (await call("GET", "/v1/sessions", { ...shown, Cookie })).status
    expect([await read(shown.Cookie), await read(shown.Cookie.slice("__Host-".length))]).toEqual([200, 401])
    const out = await call("POST", "/v1/auth/logout", shown)
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-aegis_session=; Max-Age=0; Path=\/; HttpOnly; Secure/)
    expect(await read(shown.Cookie)).toBe(401)
  })
})

describe("pages of others", () => {
  it("reach nothing by a name that is not ours", async () => {
    const server = await start()
    const { port } = new URL(server.url)
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect([host, await statusFor(server.url, host)]).toEqual([host, 200])
    const foreign = [
      "evil.example.com",
      `evil.example.com:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `localhost.evil.com:${port}`,
      `LOCALHOST.:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `0.0.0.0:${port}`,
      `user@127.0.0.1:${port}`,
      "",
    ]
    for (const host of foreign) expect([400, 421], host).toContain(await statusFor(server.url, host))
    expect(await statusFor(server.url, undefined)).toBe(400)
    expect(
      await statusFor(
        server.url,
        `evil.example.com
Host: 127.0.0.1:${port}`,
      ),
    ).not.toBe(200)
  })

  it("reach nothing from another origin, whatever the operation and even with the token", async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const authorization = { Authorization: `Bearer ${server.server.token}` }
    for (const origin of [
      "null",
      "http://localhost.evil",
      "http://localhost:1",
      `http://127.0.0.1:${port}.evil`,
      "file://",
      `https://127.0.0.1:${port}`,
      `HTTP://LOCALHOST:${port}`,
    ])
      for (const operation of all) {
        const { status, headers } = await server.call(operation.method.toUpperCase(), pathOf(operation), undefined, {
          ...authorization,
          Origin: origin,
        })
        expect([operation.operationId, origin, status]).toEqual([operation.operationId, origin, 403])
        expect(headers.get("Access-Control-Allow-Origin")).toBeNull()
      }
    expect(
      (await server.call("OPTIONS", "/v1/sessions", undefined, { Origin: "http://evil.example.com" })).status,
    ).toBe(403)
    expect(
      (await server.call("GET", "/v1/sessions", undefined, { ...authorization, "Sec-Fetch-Site": "cross-site" }))
        .status,
    ).toBe(403)
    expect(
      (await server.call("GET", "/v1/sessions", undefined, { ...authorization, Origin: `http://localhost:${port}` }))
        .status,
    ).toBe(200)
  })

  it("reach nothing but the pages from another port of this machine, where they do not say which", async () => {
    const server = await start()
    const { port } = new URL(server.url)
    const statusOf = async (path: string, headers: Record<string, string> = {}) =>
      (await server.call("GET", path, undefined, { "Sec-Fetch-Site": "same-site", ...headers })).status
    const before = await server.call("GET", "/v1/health")
    for (const path of ["/v1/health", "/v1/version?token=made-up", "/v1/nothing", "/dashboards"])
      expect([path, await statusOf(path)]).toEqual([path, 403])
    expect((await server.call("GET", "/v1/health")).body.storage).toEqual(before.body.storage)
    expect(await statusOf("/v1/health", { Origin: `http://localhost:${port}` })).toBe(200)
    const page = await fetch(`${server.url}/dashboard/`, { headers: { "Sec-Fetch-Site": "same-site" } })
    expect(page.status).not.toBe(403)
  })

  it("name it as its configuration does, and from no other page than it says", async () => {
    const config = {
      allowedHosts: ["aegis.example.org", "b.example:8443"],
      allowedOrigins: ["https://aegis.example.org"],
    }
    const server = await start({ config })
    const { port } = new URL(server.url)
    for (const host of ["aegis.example.org", `aegis.example.org:${port}`, "b.example:8443", `localhost:${port}`])
      expect([host, await statusFor(server.url, host)]).toEqual([host, 200])
    for (const host of ["aegis.example.org:1", "b.example", "x.aegis.example.org", "aegis.example.org.evil"])
      expect([host, await statusFor(server.url, host)]).toEqual([host, 421])
    const statusOf = async (origin: string) =>
      (await server.call("GET", "/v1/sessions", undefined, { ...bearer(server.server.token), Origin: origin })).status
    expect(await statusOf("https://aegis.example.org")).toBe(200)
    for (const origin of ["http://aegis.example.org", "https://aegis.example.org:8443", "https://b.example"])
      expect([origin, await statusOf(origin)]).toEqual([origin, 403])
  })

  it("send no body that is not JSON", async () => {
    const server = await start()
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/json; charset=utf-16",
      "application/jsonp",
      "application/json, text/plain",
    ]) {
      const { status } = await server.call(
        "POST",
        "/v1/sessions",
        { workDir: "/" },
        { Authorization: `Bearer ${server.server.token}`, "Content-Type": type },
      )
      expect([type, status]).toEqual([type, 415])
    }
    const compressed = await server.call(
      "POST",
      "/v1/sessions",
      { workDir: "/" },
      { Authorization: `Bearer ${server.server.token}`, "Content-Encoding": "gzip" },
    )
    expect(compressed.status).toBe(415)
  })

  it.each([
    ["application/json", 400],
    [" application/json", 400],
    ["\tapplication/json\t", 400],
    ["APPLICATION/JSON", 400],
    ["application/json; charset=UTF-8", 400],
    ["application/json\t; charset=utf-8", 415],
    ["application/json;\tcharset=utf-8", 415],
    ["application/json; charset=utf-7", 415],
    ["application/json; charset=utf-8; charset=utf-16", 415],
    ['application/json; charset="utf-8"', 415],
    ["application/json;", 415],
    ["application/vnd.api+json", 415],
    ["application/json+json", 415],
    ["application/json\r\nContent-Type: text/plain", 415],
    ["text/plain\r\nContent-Type: application/json", 415],
    ["application/json\r\nContent-Type: application/json", 415],
    ["", 415],
    [undefined, 415],
  ])("send no body that is taken unseen: as %j", async (type, status) => {
    const server = await start()
    const body = '{"reason":5}'
    const own = `Host: ${new URL(server.url).host}\r\nAuthorization: Bearer ${server.server.token}\r\nConnection: close\r\n`
    const said = type === undefined ? "" : `Content-Type: ${type}\r\n`
    for (const [size, text] of [
      [`Content-Length: ${body.length}`, body],
      ["Transfer-Encoding: chunked", `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ]) {
      const socket = new RawSocket(server.url).say(`POST /v1/stop-all HTTP/1.1\r\n${own}${said}${size}\r\n\r\n${text}`)
      expect(statusesOf(await socket.untilClosed())).toEqual([status])
    }
    expect((await server.call("GET", "/v1/health")).body.stop).toBeUndefined()
  })

  it("are told by every answer not to guess types, frame or leak", async () => {
    const server = await start()
    for (const path of ["/v1/health", "/v1/sessions", "/v1/nothing"]) {
      const { headers } = await server.call("GET", path, undefined, { "X-Request-Id": "mine-1" })
      expect(headers.get("X-Request-Id")).toBe("mine-1")
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff")
      expect(headers.get("X-Frame-Options")).toBe("DENY")
      expect(headers.get("Referrer-Policy")).toBe("no-referrer")
      expect(headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'")
      expect(headers.get("X-Aegis-API-Version")).toBe("1")
    }
  })
})

// fetch sets Host by itself, and corrects what is odd.
async function listen(answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return server
}

async function statusFor(url: string, host: string | undefined) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.end(`GET /v1/health HTTP/1.1\r\n${host === undefined ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`)
  let answer = ""
  for await (const chunk of socket) answer += String(chunk)
  return Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1])
}

it("there is no way in that the contract does not name, but for the pages, the socket and MCP", async () => {
  const named = new Set(
    all.map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ":$1")}`),
  )
  // Nothing is called: what is wired into it does not matter.
  const app = createApp({ dashboard: "disabled", limits: { byAddress: () => undefined } } as never)
  const routes = app.routes
    .filter(({ method }) => method !== "ALL")
    // A key of a memory takes all that is behind it.
    .map(({ method, path }) => `${method} ${path.replace("{.+}", "")}`)
  expect(new Set(routes)).toEqual(new Set([...named, "GET /v1/ws", "GET /mcp", "POST /mcp", "DELETE /mcp"]))
})
