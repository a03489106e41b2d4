import { describe, expect, it } from "vitest"
import { HOST_HEADERS } from "./mcp-host.ts"
import { RawSocket, statusesOf } from "./raw-socket.ts"
import { bearer, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
type Server = Awaited<ReturnType<typeof start>>

const MIB = 1024 * 1024
const chunk = (size: number) => Buffer.from(`${size.toString(16)}\r\n${"a".repeat(size)}\r\n`)

/** The head of a POST, up to its body. */
function head({ url }: Server, path: string, headers: string) {
  return `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Type: application/json\r\n${headers}\r\n`
}

const id = "00000000-0000-4000-8000-000000000000"
const CHUNKED = "Transfer-Encoding: chunked\r\n"
const LENGTH = `Content-Length: ${10 * MIB}\r\n`

describe("a body", () => {
  it.each([CHUNKED, LENGTH])("of a stranger is not waited for: %s", async (size) => {
    const server = await start()
    const paths = ["/v1/sessions", `/v1/sessions/${id}/send`, "/v1/hooks/Stop", "/v1/stop-all", "/mcp", "/v1/nothing"]
    for (const path of paths)
      for (const shown of ["", "Authorization: Bearer ag_wrong\r\nX-Hook-Secret: wrong\r\n"]) {
        const socket = new RawSocket(server.url).say(head(server, path, size + shown)).say(chunk(MIB / 2))
        const heard = await socket.untilClosed()
        expect([path, ...statusesOf(heard)]).toEqual([path, 401])
        expect(heard).toContain('"code":"credential-missing"')
      }
  })

  it.each([CHUNKED, `Content-Length: ${50 * MIB}\r\n`])("of 50 MB is too large: %s", async (size) => {
    const server = await start()
    const own = `X-Hook-Secret: ${server.hookSecret}\r\n${size}`
    const socket = new RawSocket(server.url).say(head(server, "/v1/hooks/Stop", own))
    for (let sent = 0; sent < 50; sent++) socket.say(size === CHUNKED ? chunk(MIB) : Buffer.alloc(MIB, "a"))
    if (size === CHUNKED) socket.say("0\r\n\r\n")
    const answered = socket.until('"code":"body-too-large"')
    expect((await server.call("GET", "/v1/health")).status).toBe(200)
    expect(statusesOf(await answered)).toEqual([413])
  })
})

describe("a body of more values than can be parsed while others wait", () => {
  it.each([
    ["lists in lists", "[".repeat(MIB - 100), "inside each other"],
    ["objects", `[${"{},".repeat(300_000)}0]`, "values in it"],
    ["numbers in a member", `{"text":"a","more":[${"0,".repeat(400_000)}0]}`, "values in it"],
  ])("is refused by every door, and a long text is not: %s", async (_name, body, problem) => {
    const server = await start()
    const { id: sessionId } = await server.create(temporary("work"))
    const headers = { ...HOST_HEADERS, ...bearer(server.server.token), "Content-Type": "application/json" }
    for (const path of ["/v1/sessions", `/v1/sessions/${sessionId}/send`, "/v1/policy/check", "/mcp"]) {
      const answer = await fetch(`${server.url}${path}`, { method: "POST", headers, body })
      expect([path, answer.status, await answer.text()]).toEqual([path, 400, expect.stringContaining(problem)])
    }
    const hook = { ...headers, "X-Hook-Secret": server.hookSecret }
    const hooked = await fetch(`${server.url}/v1/hooks/Stop`, { method: "POST", headers: hook, body })
    expect([hooked.status, await hooked.text()]).toEqual([400, expect.stringContaining(problem)])
    const text = "#script\nsay ".padEnd(90_000, "a,b:{[")
    expect((await server.call("POST", `/v1/sessions/${sessionId}/send`, { text })).status).toBe(200)
  })
})

it("what does not fit is told in the first fifty places, each in a paragraph at most", async () => {
  const server = await start()
  const labels = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`Not a label ${index}`, 1]))
  const long = "x".repeat(500_000)
  for (const body of [{ labels }, { [long]: 1 }, { workDir: long }]) {
    const answer = await server.call("POST", "/v1/sessions", body)
    expect([answer.status, answer.body.code]).toEqual([400, "request-invalid"])
    expect(answer.body.errors.length).toBeLessThanOrEqual(50)
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000)
  }
})

describe("what is not said to its end in time", () => {
  const times = { headersMs: 200, requestMs: 400 }
  const slow = (socket: RawSocket, text: string) => {
    const saying = setInterval(() => socket.say(text), 5)
    socket.socket.once("close", () => clearInterval(saying))
    return socket.untilClosed()
  }

  it("is refused, a body and headers, and others are served meanwhile", async () => {
    const server = await start(times)
    const own = `Authorization: Bearer ${server.server.token}\r\n`
    const slowly = [CHUNKED, LENGTH].map((size) =>
      slow(
        new RawSocket(server.url).say(head(server, "/v1/stop-all", own + size)),
        size === CHUNKED ? "1\r\n \r\n" : " ",
      ),
    )
    slowly.push(slow(new RawSocket(server.url).say("GET /v1/health HTTP/1.1\r\n"), "X-A: b\r\n"))
    slowly.push(slow(new RawSocket(server.url), "G"))
    let over = false
    const all = Promise.all(slowly).finally(() => (over = true))
    let served = 0
    for (; !over; served++) expect((await server.call("GET", "/v1/health")).status).toBe(200)
    expect(served).toBeGreaterThan(1)
    const [chunked, length, headers, nothing] = await all
    for (const heard of [chunked, length, headers]) {
      expect(statusesOf(heard ?? "")).toEqual([408])
      expect(heard).toContain('"code":"request-timeout"')
    }
    expect(nothing).toMatch(/^(HTTP\/1\.1 4\d\d .*)?$/s)
    expect((await server.call("GET", "/v1/health")).body.stop).toBeUndefined()
  })

  it("is closed where nothing is said", async () => {
    const server = await start(times)
    expect(await new RawSocket(server.url).untilClosed()).toMatch(/^(HTTP\/1\.1 408 .*)?$/s)
  })

  it("is no event stream, and no WebSocket", async () => {
    const server = await start({ ...times, heartbeatMs: 100 })
    const { frames } = await server.stream("/v1/events")
    const { host } = new URL(server.url)
    const socket = new RawSocket(server.url).say(
      `GET /v1/ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
    await socket.until("101 Switching Protocols")
    // Each a tenth of a second after the one before.
    let beats = 0
    for await (const { comment } of frames) if (comment !== undefined && ++beats === 8) break
    expect([beats, socket.isClosed]).toEqual([8, false])
    socket.socket.destroy()
  })
})

it("of more connections than there may be, those are served that were there first", async () => {
  const server = await start({ config: { sse: { maxConnections: 2, maxPerIp: 2 } }, requestConnections: 3 })
  const get = `GET /v1/health HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n\r\n`
  const sockets: RawSocket[] = []
  for (let opened = 0; opened < 5; opened++) {
    const socket = new RawSocket(server.url).say(get)
    await socket.until('"status":"ok"')
    sockets.push(socket)
  }
  expect(await new RawSocket(server.url).say(get).untilClosed()).toBe("")
  sockets[0]?.socket.destroy()
  await expect
    .poll(async () =>
      new RawSocket(server.url).say(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).untilClosed(),
    )
    .toContain('"status":"ok"')
  for (const { socket } of sockets) socket.destroy()
})
