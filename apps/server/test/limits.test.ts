import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import { makeKeyText } from "../src/key-text.ts"
import type { Config } from "../src/local.ts"
import { RawSocket, statusesOf } from "./raw-socket.ts"
import { useServer } from "./server-harness.ts"

const { start } = useServer()
const rateLimit = { requestsPerAddress: 100_000, requestsPerKey: 100_000, authFailures: 5 }
const wrong = { Authorization: `Bearer ag_${"x".repeat(32)}` }

/** A server that believes what this machine says of where a request comes from. */
const startBehindProxy = (config: Partial<Config>) => start({ config: { trustedProxies: ["127.0.0.1"], ...config } })
const as = (address: string) => ({ "X-Forwarded-For": address })

describe("wrong credentials", () => {
  it("are refused for a while when there are too many from an address; good ones and others are not", async () => {
    const server = await startBehindProxy({ rateLimit })
    const good = { Authorization: `Bearer ${server.server.token}` }
    for (let address = 1; address <= 40; address++) {
      const from = as(`198.51.100.${address}`)
      for (let tries = 0; tries < 5; tries++)
        expect((await server.call("GET", "/v1/sessions", undefined, { ...from, ...wrong })).status).toBe(401)
      const { status, body, headers } = await server.call("GET", "/v1/nothing", undefined, { ...from, ...wrong })
      expect({ status, code: body.code }).toEqual({ status: 429, code: "rate-limited" })
      expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0)
      expect((await server.call("GET", "/v1/sessions", undefined, { ...from, ...good })).status).toBe(200)
    }
    const other = await server.call("GET", "/v1/sessions", undefined, { ...as("203.0.113.1"), ...wrong })
    expect(other.status).toBe(401)
  })

  it("are counted wherever they are shown: at health, as a login code, at a stream, at the WebSocket", async () => {
    const server = await startBehindProxy({ rateLimit: { ...rateLimit, authFailures: 1 } })
    const code = { code: "x".repeat(32) }
    const shown = [
      (from: object) => server.call("GET", "/v1/health", undefined, { ...from, ...wrong }),
      (from: object) => server.call("POST", "/v1/auth/exchange", code, { ...from }),
      (from: object) => server.call("GET", `/v1/events?token=sse_${"x".repeat(40)}`, undefined, { ...from }),
    ]
    for (const [index, show] of shown.entries()) {
      const from = as(`198.51.100.${index}`)
      expect((await show(from)).status).not.toBe(429)
      expect((await show(from)).status).toBe(429)
    }
    const authenticate = async () => {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/ws`, { headers: as("198.51.100.99") })
      await once(socket, "open")
      socket.send(JSON.stringify({ type: "auth", token: "x" }))
      const [closeCode] = (await once(socket, "close")) as [number]
      return closeCode
    }
    expect(await authenticate()).toBe(1008)
    const afterwards = await server.call("GET", "/v1/sessions", undefined, { ...as("198.51.100.99"), ...wrong })
    expect(afterwards.status).toBe(429)
  })

  it("are a cookie that this server never made, and one with another login's page token", async () => {
    const server = await startBehindProxy({ rateLimit: { ...rateLimit, authFailures: 1 } })
    const [login, other] = [await server.signIn(), await server.signIn()]
    const guesses = [
      { Cookie: "aegis_session=guessed" },
      { ...login, Cookie: `${login.Cookie}x` },
      { ...login, "X-Aegis-Page-Token": other["X-Aegis-Page-Token"] },
      { ...login, "X-Aegis-Page-Token": "" },
    ]
    for (const [index, guess] of guesses.entries()) {
      const look = (shown: object) =>
        server.call("GET", "/v1/sessions", undefined, { ...as(`198.51.100.${index}`), ...shown })
      expect([(await look(guess)).status, (await look(guess)).status, (await look(login)).status]).toEqual([
        401, 429, 200,
      ])
    }
    const { items } = (await server.call("GET", "/v1/audit?type=auth.failed")).body
    expect(items).toHaveLength(guesses.length)
    expect(items[0]).toMatchObject({ actor: { via: "dashboard" } })
  })

  it("are not what browsers show of themselves: a login that is over, or its cookie without its page token", async () => {
    const server = await start({ config: { rateLimit: { ...rateLimit, authFailures: 1 } } })
    const [over, { Cookie }] = [await server.signIn(), await server.signIn()]
    expect((await server.call("POST", "/v1/auth/logout", undefined, { ...over, Origin: server.url })).status).toBe(200)
    for (const shown of [over, over, { Cookie }, { Cookie }, {}, {}])
      expect((await server.call("GET", "/v1/sessions", undefined, shown)).status).toBe(401)
    expect((await server.call("GET", "/v1/audit?type=auth.failed")).body.items).toEqual([])
  })

  it("are not a stream's token that was good until now", async () => {
    const server = await start({ config: { rateLimit: { ...rateLimit, authFailures: 1 } }, streamTokenMs: 1 })
    for (let tries = 0; tries < 3; tries++) {
      const token = await server.streamToken()
      const expired = await server.call("GET", "/v1/events", undefined, { Authorization: `Bearer ${token}` })
      expect([200, 401]).toContain(expired.status)
    }
  })
})

// Only Linux has all of them without being told.
describe.skipIf(process.platform !== "linux")("two hundred addresses", () => {
  it("that guess ten thousand keys are limited one by one, and undisturbed is who has a good one", async () => {
    const server = await start()
    const { key, id: keyId } = await server.createKey("viewer")
    const { host } = new URL(server.url)
    const get = (token: string, more = "") =>
      `GET /v1/version HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`
    // Every other one is of a key that there is, with another secret.
    const guess = (tried: number) => makeKeyText(tried % 2 === 0 ? {} : { keyId }).text
    const guesses = Array.from({ length: 49 }, (_, tried) => get(guess(tried))).join("")
    const ask = async (from: string, text: string) =>
      statusesOf(await new RawSocket(server.url, from).say(text).untilClosed())
    const good = get(key, "Connection: close\r\n")
    const heard: (readonly number[])[] = []
    for (let address = 1; address <= 200; address += 20) {
      const guessing = Array.from({ length: 20 }, (_, index) => {
        const from = `127.0.0.${address + index}`
        return ask(from, guesses + get(guess(49), "Connection: close\r\n"))
      })
      expect(await ask("127.0.0.201", good)).toEqual([200])
      heard.push(...(await Promise.all(guessing)).map((statuses) => statuses.toSorted()))
      expect(await ask(`127.0.0.${address}`, good)).toEqual([200])
    }
    // Which of them are too many is not said: they are looked at together.
    const each = [...Array<number>(30).fill(401), ...Array<number>(20).fill(429)]
    expect(heard).toEqual(Array.from({ length: 200 }, () => each))
    const refused = await new RawSocket(server.url, "127.0.0.200")
      .say(get(guess(0), "Connection: close\r\n"))
      .untilClosed()
    expect(refused).toMatch(/^Retry-After: ([1-9]|[1-5]\d|60)\r$/im)
    // Twenty are told by their addresses, the rest together.
    const { items } = (await server.call("GET", "/v1/audit?type=auth.failed&limit=200")).body
    expect(items.map(({ data }: { data: { address: string } }) => data.address)).toHaveLength(21)
    expect(items[0].data.address).toBe("others")
  })
})

describe("requests", () => {
  it("of one credential are so many a minute, and each answer says how many are left", async () => {
    const server = await startBehindProxy({ rateLimit: { ...rateLimit, requestsPerKey: 3 } })
    const call = (address: string) => {
      const headers = { Authorization: `Bearer ${server.server.token}`, ...as(address) }
      return server.call("GET", "/v1/version", undefined, headers)
    }
    const first = await call("198.51.100.1")
    expect(first.headers.get("RateLimit-Policy")).toBe('"address";q=100000;w=60, "key";q=3;w=60')
    expect(first.headers.get("RateLimit")).toMatch(/^"address";r=99999;t=\d+, "key";r=2;t=(59|60)$/)
    expect([(await call("198.51.100.2")).status, (await call("198.51.100.3")).status]).toEqual([200, 200])
    const { status, body, headers } = await call("198.51.100.4")
    expect({ status, code: body.code }).toEqual({ status: 429, code: "rate-limited" })
    expect(headers.get("RateLimit")).toMatch(/"key";r=0;/)
    expect(Number(headers.get("Retry-After"))).toBeGreaterThan(50)
  })

  it("of one address are so many a minute, with a credential or without, but for who watches from this machine", async () => {
    const server = await startBehindProxy({ rateLimit: { ...rateLimit, requestsPerAddress: 2 } })
    const call = (path: string, address: string) => server.call("GET", path, undefined, as(address))
    expect((await call("/v1/sessions", "198.51.100.1")).status).toBe(401)
    expect((await call("/v1/health", "198.51.100.1")).status).toBe(200)
    expect((await call("/v1/health", "198.51.100.1")).status).toBe(429)
    expect((await call("/dashboard/", "198.51.100.1")).status).toBe(429)
    expect((await call("/v1/sessions", "198.51.100.2")).status).toBe(401)
    for (let asked = 0; asked < 5; asked++) expect((await server.call("GET", "/v1/health")).status).toBe(200)
  })

  it("come from where they come from, whatever they say, when nobody in between is trusted", async () => {
    const server = await start({ config: { rateLimit: { ...rateLimit, requestsPerAddress: 2 } } })
    const statuses: number[] = []
    for (const address of ["198.51.100.1", "198.51.100.2", "198.51.100.3"])
      statuses.push((await server.call("GET", "/v1/sessions", undefined, as(address))).status)
    expect(statuses).toEqual([401, 401, 429])
  })
})

describe("event streams and WebSockets", () => {
  const socketTo = (url: string, headers = {}) => new WebSocket(`${url.replace("http", "ws")}/v1/ws`, { headers })
  const refusalOf = async (socket: WebSocket) => {
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }]
    return response.statusCode
  }

  it("of one address are so many, and as many again when some are gone", async () => {
    const server = await startBehindProxy({ sse: { maxConnections: 100, maxPerIp: 2 } })
    const open = (address: string) => server.stream("/v1/events", as(address))
    const first = await open("198.51.100.1")
    expect((await first.frames.next()).value).toMatchObject({ retry: expect.anything() })
    const socket = socketTo(server.url, as("198.51.100.1"))
    await once(socket, "open")
    const refused = await open("198.51.100.1")
    expect(refused.response.status).toBe(429)
    expect(await refused.response.json()).toMatchObject({ code: "too-many-streams" })
    expect(refused.response.headers.get("Retry-After")).toBe("5")
    expect(await refusalOf(socketTo(server.url, as("198.51.100.1")))).toBe(429)
    expect((await open("198.51.100.2")).response.status).toBe(200)
    socket.close()
    await once(socket, "close")
    await expect.poll(async () => (await open("198.51.100.1")).response.status).toBe(200)
  })

  it("of everybody are so many", async () => {
    const server = await startBehindProxy({ sse: { maxConnections: 2, maxPerIp: 100 } })
    const frames = [1, 2].map(async (address) => {
      const opened = await server.stream("/v1/events", as(`198.51.100.${address}`))
      return opened.frames.next()
    })
    await Promise.all(frames)
    const { response } = await server.stream("/v1/events", as("198.51.100.3"))
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: "streams-exhausted" })
    expect(await refusalOf(socketTo(server.url))).toBe(503)
  })
})
