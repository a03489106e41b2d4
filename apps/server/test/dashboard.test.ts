import { mkdirSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { RawSocket, statusesOf } from "./raw-socket.ts"
import { useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

function builtDashboard() {
  const root = temporary("dashboard")
  const folder = join(root, "dist")
  mkdirSync(join(folder, "assets"), { recursive: true })
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Page</title>")
  writeFileSync(join(folder, "assets", "main-abc.js"), "export {}")
  writeFileSync(join(root, "outside.txt"), "not for the world")
  return folder
}

describe("the dashboard's files", () => {
  it("are given without a credential, under a policy that allows nothing inline and nothing from elsewhere", async () => {
    const { url } = await start({ dashboardFolder: builtDashboard() })
    const page = await fetch(`${url}/dashboard/`)
    expect([page.status, page.headers.get("Content-Type"), await page.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "<!doctype html><title>Page</title>",
    ])
    const policy = page.headers.get("Content-Security-Policy") ?? ""
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(page.headers.get("Cache-Control")).toBe("no-cache")
    const script = await fetch(`${url}/dashboard/assets/main-abc.js`)
    expect([script.headers.get("Content-Type"), script.headers.get("Cache-Control")]).toEqual([
      expect.stringContaining("text/javascript"),
      "public, max-age=31536000, immutable",
    ])
    const again = await fetch(`${url}/dashboard/`, { headers: { "If-None-Match": page.headers.get("ETag") ?? "" } })
    expect(again.status).toBe(304)
  })

  it("leave every page to the one that looks at the address itself", async () => {
    const { url } = await start({ dashboardFolder: builtDashboard() })
    for (const path of ["/", "/dashboard", "/dashboard/sessions/some-id"]) {
      const page = await fetch(`${url}${path}`)
      expect([path, page.status, await page.text()]).toEqual([path, 200, "<!doctype html><title>Page</title>"])
    }
  })

  it("are nothing else, whatever the path", async () => {
    const { url } = await start({ dashboardFolder: builtDashboard() })
    const paths = ["outside.txt", "../outside.txt", "%2e%2e/outside.txt", "..%2foutside.txt", "..%5coutside.txt"]
    for (const path of [...paths, "assets/%00", "assets/", "%252e%252e/outside.txt", "assets/none.js", "//etc/passwd"])
      expect([path, await rawStatus(url, `/dashboard/${path}`)]).toEqual([
        path,
        expect.stringMatching(/^(400|401|404)|<!doctype/),
      ])
  })

  it("are none under a name that is too long, or that a careless reader would take for another", async () => {
    const { url } = await start({ dashboardFolder: builtDashboard() })
    const overlong = ["%c0%ae%c0%ae%c0%afoutside.txt", "%e0%80%ae%e0%80%ae/outside.txt", "%c1%9c", "%ff", "%"]
    const raw = ["\xc0\xae\xc0\xae\xc0\xafoutside.txt", "\xc0\xae", "\xff"]
    for (const name of ["x".repeat(8192), `assets/${"x".repeat(8192)}.js`, `${"x".repeat(257)}`, ...overlong, ...raw]) {
      const get = `GET /dashboard/${name} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n\r\n`
      const heard = await new RawSocket(url).say(Buffer.from(get, "latin1")).untilClosed()
      expect([name.slice(0, 40), ...statusesOf(heard)]).toEqual([name.slice(0, 40), expect.toBeOneOf([400, 404])])
    }
  })

  it("are not there when the key says so, and say how to build them when they are not built", async () => {
    const off = await start({
      dashboardFolder: builtDashboard(),
      config: { dashboard: { enabled: false } },
    })
    expect((await fetch(`${off.url}/dashboard/`)).status).toBe(401)
    const bare = await start({ dashboardFolder: "/nowhere" })
    const answer = await fetch(`${bare.url}/dashboard/`)
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("pnpm build")])
  })
})

describe("a login link", () => {
  it("can be asked for, and opens once", async () => {
    const server = await start()
    const { status, body } = await server.call("POST", "/v1/auth/login-code")
    expect(status).toBe(201)
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(4 * 60_000)
    const link = new URL(body.url)
    expect([link.origin, link.pathname]).toEqual([server.url, "/dashboard/"])
    const code = new URLSearchParams(link.hash.slice(1)).get("code")
    const exchange = () => server.call("POST", "/v1/auth/exchange", { code }, {})
    expect([(await exchange()).status, (await exchange()).status]).toEqual([200, 401])
  })
})

/** The path as it is, which `fetch` would tidy; the status, or the page where it is given. */
function rawStatus(url: string, path: string) {
  const { hostname, port } = new URL(url)
  return new Promise<string>((resolve, reject) => {
    request({ hostname, port, path }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += String(chunk)
      })
      response.on("end", () => resolve(response.statusCode === 200 ? text : String(response.statusCode)))
    })
      .on("error", reject)
      .end()
  })
}
