import { once } from "node:events"
import { connect } from "node:net"
import { expect, it } from "vitest"
import { script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

/** All that is answered on one connection until the server ends it; `end`: nothing more comes from here. */
async function exchange(url: string, text: string, { end = false } = {}) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let said = ""
  socket.on("data", (chunk) => (said += chunk.toString()))
  socket.on("error", () => {})
  socket.write(text)
  if (end) socket.end()
  await once(socket, "close")
  return said
}

const statusesOf = (said: string) => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))

it.each([
  ["no request", "nothing\r\n\r\n", 400, "request-malformed"],
  [
    "a length and chunks",
    "POST /v1/x HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
    "request-malformed",
  ],
  ["no host", "GET /v1/health HTTP/1.1\r\n\r\n", 400, "request-malformed"],
  [
    "a host that is no name",
    "GET /v1/health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
    400,
    "request-malformed",
  ],
  [
    "a target for another host",
    "GET http://evil.example/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    400,
    "request-malformed",
  ],
  [
    "an upgrade for another host",
    "GET http://evil.example/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    400,
    "request-malformed",
  ],
  [
    "headers that are too large",
    `GET /v1/health HTTP/1.1\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`,
    431,
    "headers-too-large",
  ],
])("%s is refused with a problem, and the connection ends", async (_what, text, status, code) => {
  const { url } = await start()
  const said = await exchange(url, text)
  const [head = "", body = ""] = said.split("\r\n\r\n")
  expect(statusesOf(said)).toEqual([status])
  expect(JSON.parse(body)).toMatchObject({ status, code, requestId: expect.any(String) })
  expect(head).toMatch(/^X-Content-Type-Options: nosniff$/im)
})

it("is answered once where the body is left, and in its turn behind a request that is good", async () => {
  const server = await start()
  const { host } = new URL(server.url)
  const { id } = await server.create(temporary("work"), script("say one"))
  const own = `Host: ${host}\r\nAuthorization: Bearer ${server.server.token}\r\n`
  const left = `POST /v1/sessions/${id}/interrupt HTTP/1.1\r\n${own}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
  expect(statusesOf(await exchange(server.url, left, { end: true })).length).toBeLessThanOrEqual(1)
  const good = `GET /v1/sessions/${id} HTTP/1.1\r\n${own}\r\n`
  const said = await exchange(server.url, `${good}nothing\r\n\r\n`)
  expect(statusesOf(said)).toEqual([200, 400])
  expect(said).toContain(`"id":"${id}"`)
})

it("is not upgraded by another method, nor to another protocol", async () => {
  const server = await start()
  const { host } = new URL(server.url)
  const asked = (line: string, more = "") =>
    exchange(
      server.url,
      `${line} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.server.token}\r\nConnection: Upgrade\r\n${more}\r\n`,
    )
  expect(statusesOf(await asked("POST /v1/stop-all", "Upgrade: websocket\r\n"))).toEqual([400])
  expect((await server.call("GET", "/v1/health")).body.stopped).toBeUndefined()
  expect(await asked("GET /v1/version", "Upgrade: h2c\r\n")).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(await asked("GET /v1/ws", "Upgrade: websocket\r\n")).toMatch(/^HTTP\/1\.1 400 .*Sec-WebSocket-Key/s)
})
