import { describe, expect, it } from "vitest"
import { bearer, codeOf, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
type Server = Awaited<ReturnType<typeof start>>

/** A login of the machine's own person, as a page has it. */
async function signIn(server: Server) {
  const login = await server.signIn()
  const shown = { ...login, Origin: server.url }
  return { login, call: (method: string, path: string, body?: unknown) => server.call(method, path, body, shown) }
}

describe("signing out", () => {
  it("ends that login for good: whoever kept its cookie has nothing, over a restart, too", async () => {
    const config = defaults(temporary("state"))
    const server = await start({ config })
    const [one, other] = [await signIn(server), await signIn(server)]
    const { token } = (await one.call("POST", "/v1/auth/sse-token")).body
    const link = codeOf((await one.call("POST", "/v1/auth/login-code")).body.url)
    const { status, body, headers } = await one.call("POST", "/v1/auth/logout")
    expect([status, body]).toEqual([200, { ok: true }])
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^aegis_session=; Max-Age=0; Path=\//)])
    expect((await one.call("GET", "/v1/sessions")).status).toBe(401)
    expect((await one.call("POST", "/v1/auth/logout")).status).toBe(401)
    expect((await server.call("GET", "/v1/events", undefined, bearer(token))).status).toBe(401)
    expect((await server.call("POST", "/v1/auth/exchange", { code: link }, {})).status).toBe(401)
    expect((await other.call("GET", "/v1/sessions")).status).toBe(200)
    await server.server.close()
    const next = await start({ config })
    const again = ({ login }: typeof one) => next.call("GET", "/v1/sessions", undefined, login)
    expect([(await again(one)).status, (await again(other)).status]).toEqual([401, 200])
  })

  it("ends the streams of that login before they get anything more, and no others", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const [one, other] = [await signIn(server), await signIn(server)]
    const open = async ({ call }: typeof one, path: string) => {
      const { token } = (await call("POST", "/v1/auth/sse-token")).body
      return fetch(`${server.url}${path}`, { headers: bearer(token) })
    }
    const ending = await Promise.all(
      ["/v1/events?after=0", `/v1/sessions/${id}/events?after=0`].map((path) => open(one, path)),
    )
    const staying = await open(other, "/v1/events?after=0")
    await one.call("POST", "/v1/auth/logout")
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script("say afterwards") })
    for (const response of ending) {
      const text = await response.text()
      expect(text.trimEnd().endsWith('event: bye\ndata: {"reason":"token-expired"}')).toBe(true)
      expect(text).not.toMatch(/auth\.logout|afterwards/)
    }
    expect(await readUntil(staying, "afterwards")).toContain("event: auth.logout")
  })

  it("is told in the trail, with whose login it was and until when it would have been one", async () => {
    const server = await start()
    const { login, call } = await signIn(server)
    await call("POST", "/v1/auth/logout")
    const [entry] = (await server.call("GET", "/v1/audit?type=auth.logout")).body.items
    const data = { keyId: "local", tenantId: "local", userId: "local", loginId: expect.any(String) }
    expect(entry).toMatchObject({ actor: { kind: "key", id: "local", via: "dashboard" }, data })
    const left = Date.parse(entry.data.until) - Date.parse(entry.at)
    expect(left).toBeGreaterThan(11.9 * 3_600_000)
    expect(left).toBeLessThanOrEqual(12 * 3_600_000)
    for (const half of Object.values(login)) expect(JSON.stringify(entry)).not.toContain(half.slice(-43))
  })

  it("has nothing to end of a key, and says so by ending nothing", async () => {
    const server = await start()
    const { key } = await server.createKey("viewer")
    for (const shown of [key, server.server.token]) {
      expect(await server.call("POST", "/v1/auth/logout", undefined, bearer(shown))).toMatchObject({
        status: 200,
        body: { ok: true },
      })
      expect((await server.call("GET", "/v1/sessions", undefined, bearer(shown))).status).toBe(200)
    }
    expect((await server.call("GET", "/v1/audit?type=auth.logout")).body.items).toEqual([])
  })
})

async function readUntil(response: Response, wanted: string) {
  let text = ""
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes(wanted)) break
  }
  return text
}
