import { existsSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CHROMIUM_PLACES } from "../src/chromium-places.ts"
import { GuardedProxy } from "../src/guarded-proxy.ts"
import { isPublicAddress } from "../src/public-address.ts"
import { useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
const browser = [process.env.AEGIS_CHROMIUM ?? "", ...CHROMIUM_PLACES].find(
  (place) => place !== "" && existsSync(place),
)

const outside = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
const within =
  "127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1 224.0.0.1 " +
  "255.255.255.255 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 localhost"

it.each([
  ...outside.map((address) => ({ address, isPublic: true })),
  ...within.split(" ").map((address) => ({ address, isPublic: false })),
])("knows whether $address is of the open internet: $isPublic", ({ address, isPublic }) => {
  expect(isPublicAddress(address)).toBe(isPublic)
})

/** Something of this machine that nobody may be led to. */
let inside: Server
let asked: string[] = []
const port = () => (inside.address() as AddressInfo).port

beforeAll(async () => {
  inside = createServer((request, response) => {
    asked.push(request.url ?? "")
    if (request.url === "/redirect")
      return response.writeHead(302, { Location: `http://localhost:${port()}/secret` }).end()
    response.writeHead(200, { "Content-Type": "text/html" })
    response.end(`<body style="margin:0;background:#123456;height:3000px"><img src="http://127.0.0.1:${port()}/image">`)
  })
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve))
})
afterAll(() => inside.close())

/** What a browser's proxy answers to a line of its own. */
async function ask(proxy: GuardedProxy, line: string, credential?: string) {
  const { hostname, port: at } = new URL(proxy.settings.server)
  const socket = connect(Number(at), hostname)
  const who =
    credential === undefined ? "" : `Proxy-Authorization: Basic ${Buffer.from(credential).toString("base64")}\r\n`
  socket.write(`${line} HTTP/1.1\r\nHost: x\r\n${who}Connection: close\r\n\r\n`)
  const answer = await text(socket)
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
}

it("a browser's way out leads to nothing that is not of the open internet, by whatever name, and nobody else takes it", async () => {
  asked = []
  const proxy = await GuardedProxy.open({ allowHosts: ["127.0.0.2"] })
  try {
    const { username, password } = proxy.settings
    const mine = `${username}:${password}`
    expect(await ask(proxy, `GET http://127.0.0.1:${port()}/`)).toBe(407)
    expect(await ask(proxy, `GET http://127.0.0.1:${port()}/`, `${username}:wrong`)).toBe(407)
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "LOCALHOST."])
      for (const line of [`GET http://${host}:${port()}/`, `CONNECT ${host}:${port()}`])
        expect([line, await ask(proxy, line, mine)]).not.toEqual([line, 200])
    expect(asked).toEqual([])
    expect([...proxy.refused]).toContain(`localhost:${port()}`)
  } finally {
    await proxy.close()
  }
})

describe.skipIf(browser === undefined)("a page in a browser", () => {
  const withBrowser = (allowHosts: readonly string[] = []) =>
    start({ config: { screenshots: { browser, sandbox: process.getuid?.() !== 0, allowHosts: [...allowHosts] } } })
  const shoot = async (server: Awaited<ReturnType<typeof start>>, body: object, id?: string) => {
    const session = id ?? (await server.create(temporary("work"))).id
    return server.call("POST", `/v1/sessions/${session}/screenshot`, body)
  }

  it("that may be looked at is, and what it asks for goes no further", async () => {
    asked = []
    const server = await withBrowser([`127.0.0.1:${port()}`])
    const { id } = await server.create(temporary("work"))
    const url = `http://127.0.0.1:${port()}/`
    const { status, body } = await shoot(server, { url, width: 400, height: 300 }, id)
    expect([status, body.status, body.width, body.height, body.url, body.refused]).toEqual([
      200,
      200,
      400,
      300,
      url,
      [],
    ])
    const png = Buffer.from(body.screenshot, "base64")
    // The header of a PNG has its size.
    expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", 400, 300])
    const whole = await shoot(server, { url, width: 400, height: 300, fullPage: true }, id)
    expect(Buffer.from(whole.body.screenshot, "base64").readUInt32BE(20)).toBe(3000)
    expect(asked).toContain("/image")
    // The trail has who it was and by which door, too.
    const { items } = (await server.call("GET", "/v1/audit?type=screenshot.taken&after=0")).body
    const actor = { kind: "key", id: "local", via: "rest" }
    expect(items).toMatchObject([
      { actor, data: { url, width: 400, height: 300, bytes: png.length } },
      { data: { bytes: expect.any(Number) } },
    ])
    // A redirect to another name of the same machine.
    const led = await shoot(server, { url: `${url}redirect` }, id)
    expect([led.status, led.body.code]).toEqual([403, "url-forbidden"])
    expect(led.body.detail).toContain("localhost")
    expect(asked).not.toContain("/secret")
  })

  it("of this machine is forbidden, one that is not there is told, and what is no address is none", async () => {
    asked = []
    const server = await withBrowser()
    const { id } = await server.create(temporary("work"))
    const forbidden = await shoot(server, { url: `http://localhost:${port()}/` }, id)
    expect([forbidden.status, forbidden.body.code]).toEqual([403, "url-forbidden"])
    const metadata = await shoot(server, { url: "https://169.254.169.254/latest/meta-data/" }, id)
    expect([metadata.status, metadata.body.code]).toEqual([403, "url-forbidden"])
    const gone = await shoot(server, { url: "http://nothing.invalid/" }, id)
    expect([gone.status, gone.body.code]).toEqual([422, "page-unreachable"])
    for (const wrong of [{ url: "file:///etc/passwd" }, { url: "javascript:1" }, {}, { url: "http://a/", width: 1 }])
      expect((await shoot(server, wrong, id)).body.code).toBe("request-invalid")
    expect(asked).toEqual([])
    await server.call("DELETE", `/v1/sessions/${id}`)
    expect((await shoot(server, { url: "http://nothing.invalid/" }, id)).body.code).toBe("session-ended")
  })
})

it("where there is no browser, what to install is said", async () => {
  const server = await start({
    config: { screenshots: { browser: "/nowhere/chromium", allowHosts: [], sandbox: true } },
  })
  const { id } = await server.create(temporary("work"))
  const { status, body } = await server.call("POST", `/v1/sessions/${id}/screenshot`, { url: "http://example.com/" })
  expect([status, body.code]).toEqual([501, "browser-missing"])
  expect(body.detail).toContain("screenshots.browser")
})
