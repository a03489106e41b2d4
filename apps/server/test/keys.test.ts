import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeKeyText } from "../src/key-text.ts"
import { bearer, codeOf, defaults, type Frame, isEvent, script, useServer } from "./server-harness.ts"
import { SocketPeer } from "./socket-peer.ts"

const { start, temporary } = useServer()

describe("a key", () => {
  it("is shown once, opens what its role may do, and is nowhere in the data directory", async () => {
    const stateDir = temporary("state")
    const server = await start({ config: defaults(stateDir) })
    const { id, key } = await server.createKey("viewer", { name: "Wall display", userId: "wall" })
    expect(key).toMatch(new RegExp(`^agk_${id}_[0-9A-Za-z]{38}$`))
    const { body } = await server.call("POST", "/v1/auth/verify", undefined, bearer(key))
    expect(body).toMatchObject({ keyId: id, userId: "wall", tenantId: "local", role: "viewer" })
    expect((await server.call("GET", "/v1/sessions", undefined, bearer(key))).status).toBe(200)
    expect(await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(key))).toMatchObject({
      status: 403,
      body: { code: "permission-missing" },
    })
    const { items } = (await server.call("GET", "/v1/auth/keys")).body
    expect(items).toEqual([
      { id, name: "Wall display", role: "viewer", userId: "wall", tenantId: "local", createdAt: expect.any(String) },
    ])
    // Whose business keys are not reads nothing of them.
    const typesFor = async (headers: Record<string, string>) =>
      (await server.call("GET", "/v1/log?after=0", undefined, headers)).body.items.map(
        ({ type }: { type: string }) => type,
      )
    expect(await typesFor(bearer(server.server.token))).toEqual([
      "system.opened",
      "server.started",
      "key.created",
      "auth.denied",
    ])
    expect(await typesFor(bearer(key))).toEqual(["system.opened"])
    const secret = key.slice(-38)
    for (const file of readdirSync(stateDir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    ))
      expect([file.name, readFileSync(join(file.parentPath, file.name)).includes(secret)]).toEqual([file.name, false])
  })

  it("is there after a restart, and gone for good when it was revoked", async () => {
    const config = defaults(temporary("state"))
    const first = await start({ config })
    const [kept, revoked] = [await first.createKey("operator"), await first.createKey("operator")]
    expect((await first.call("DELETE", `/v1/auth/keys/${revoked.id}`)).body).toEqual({ ok: true })
    await first.server.close()
    const second = await start({ config })
    expect((await second.call("GET", "/v1/sessions", undefined, bearer(kept.key))).status).toBe(200)
    expect((await second.call("GET", "/v1/sessions", undefined, bearer(revoked.key))).status).toBe(401)
    for (const [method, path] of [
      ["DELETE", ""],
      ["PATCH", ""],
      ["POST", "/rotate"],
    ] as const)
      expect(
        (await second.call(method, `/v1/auth/keys/${revoked.id}${path}`, method === "PATCH" ? {} : undefined)).body,
      ).toMatchObject({
        status: 404,
        code: "key-not-found",
      })
  })

  it("that is wrong in any place opens nothing", async () => {
    const server = await start()
    const [{ id, key }, other] = [await server.createKey("admin"), await server.createKey("admin")]
    // The first is whole in itself: only its secret is another.
    const forged = [
      makeKeyText({ keyId: id }).text,
      key.slice(0, -1),
      `${key}0`,
      key.toLowerCase(),
      `${key.slice(0, 17)}${other.key.slice(17)}`,
    ]
    for (let place = 0; place < key.length; place += 3)
      forged.push(`${key.slice(0, place)}${key[place] === "x" ? "y" : "x"}${key.slice(place + 1)}`)
    for (const given of forged)
      expect([given, (await server.call("GET", "/v1/sessions", undefined, bearer(given))).status]).toEqual([
        given,
        expect.toSatisfy((status) => status === 401 || status === 429),
      ])
    // Whoever guesses locks nobody out.
    expect((await server.call("GET", "/v1/sessions", undefined, bearer(key))).status).toBe(200)
  })

  it("is made once for one Idempotency-Key, and its secret not shown a second time", async () => {
    const server = await start()
    const wish = (name: string, again: string) =>
      server.call(
        "POST",
        "/v1/auth/keys",
        { name, role: "viewer" },
        { ...bearer(server.server.token), "Idempotency-Key": again },
      )
    const [first, second, third] = [await wish("a", "one"), await wish("a", "one"), await wish("a", "two")]
    const { key, ...shown } = first.body
    expect(second.body).toEqual(shown)
    expect(third.body.key).not.toBe(key)
    expect((await wish("b", "one")).body.code).toBe("idempotency-mismatch")
    expect((await server.call("GET", "/v1/auth/keys")).body.items).toHaveLength(2)
    expect((await server.call("GET", "/v1/sessions", undefined, bearer(key))).status).toBe(200)
  })

  it("may be changed: what it may do, what it is called, when it ends", async () => {
    const server = await start()
    const { id, key } = await server.createKey("viewer")
    const create = async () =>
      (await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(key))).status
    const change = (changes: object) => server.call("PATCH", `/v1/auth/keys/${id}`, changes)
    expect(await create()).toBe(403)
    expect((await change({ role: "operator", name: "Builder" })).body).toMatchObject({
      name: "Builder",
      role: "operator",
    })
    expect(await create()).toBe(201)
    expect((await change({ role: "custom", permissions: ["session.read"] })).body.permissions).toEqual(["session.read"])
    expect(await create()).toBe(403)
    expect((await change({ permissions: ["session.read", "session.create"] })).body.role).toBe("custom")
    expect(await create()).toBe(201)
    const expiresAt = "2999-01-01T00:00:00.000Z"
    expect((await change({ role: "viewer", expiresAt })).body).toMatchObject({ role: "viewer", expiresAt })
    expect((await change({ expiresAt: null })).body).not.toHaveProperty("expiresAt")
    expect((await server.call("GET", "/v1/auth/keys")).body.items[0]).not.toHaveProperty("permissions")
  })

  it.each([
    [{ role: "king" }],
    [{ role: "custom" }],
    [{ role: "custom", permissions: [] }],
    [{ role: "custom", permissions: ["session.fly"] }],
    [{ role: "viewer", permissions: ["session.read"] }],
    [{ role: "viewer", userId: "a b" }],
    [{ role: "viewer", expiresAt: "2001-01-01T00:00:00.000Z" }],
    [{ role: "viewer", expiresAt: "tomorrow" }],
    [{ role: "viewer", name: "" }],
    [{ role: "viewer", secret: "mine" }],
  ])("is not made from %j", async (wish) => {
    const server = await start()
    const { status, body } = await server.call("POST", "/v1/auth/keys", { name: "a", ...wish })
    expect([status, body.code]).toEqual([400, "request-invalid"])
    expect((await server.call("GET", "/v1/auth/keys")).body.items).toEqual([])
  })
})

it("the machine's own person has to do with every tenant's keys, and a tenant's admin with its own", async () => {
  const server = await start()
  const theirs = await server.createKey("viewer", { tenantId: "other", userId: "eve" })
  const admin = bearer((await server.createKey("admin")).key)
  expect((await server.call("GET", "/v1/auth/keys")).body.items).toHaveLength(2)
  expect((await server.call("GET", "/v1/auth/keys", undefined, admin)).body.items).toHaveLength(1)
  expect((await server.call("DELETE", `/v1/auth/keys/${theirs.id}`, undefined, admin)).status).toBe(404)
  expect((await server.call("PATCH", `/v1/auth/keys/${theirs.id}`, { name: "Eve's" })).body).toMatchObject({
    name: "Eve's",
    tenantId: "other",
  })
  expect((await server.call("POST", `/v1/auth/keys/${theirs.id}/rotate`)).status).toBe(200)
  expect((await server.call("DELETE", `/v1/auth/keys/${theirs.id}`)).status).toBe(200)
  expect((await server.call("GET", "/v1/auth/keys")).body.items).toHaveLength(1)
})

describe("nobody", () => {
  it("hands out more than they have, or takes over a key that may do more", async () => {
    const server = await start()
    const admin = await server.createKey("admin")
    const permissions = ["key.admin", "session.read"]
    const janitor = bearer((await server.createKey("custom", { permissions })).key)
    const make = async (wish: object) =>
      (await server.call("POST", "/v1/auth/keys", { name: "a", ...wish }, janitor)).status
    expect(await make({ role: "custom", permissions: ["session.read"] })).toBe(201)
    expect(await make({ role: "viewer" })).toBe(403)
    expect(await make({ role: "admin" })).toBe(403)
    expect(await make({ role: "custom", permissions: ["session.kill"] })).toBe(403)
    expect(await make({ role: "custom", permissions: ["session.read"], tenantId: "another" })).toBe(403)
    expect((await server.call("POST", `/v1/auth/keys/${admin.id}/rotate`, undefined, janitor)).status).toBe(403)
    expect((await server.call("PATCH", `/v1/auth/keys/${admin.id}`, { name: "b" }, janitor)).status).toBe(403)
    for (const role of ["operator", "viewer", "agent"])
      for (const method of ["GET", "POST"])
        expect([
          role,
          (
            await server.call(
              method,
              "/v1/auth/keys",
              method === "GET" ? undefined : { name: "a", role: "viewer" },
              bearer((await server.createKey(role)).key),
            )
          ).status,
        ]).toEqual([role, 403])
  })

  it("makes a session that asks less than the server does, without the right to approve", async () => {
    const server = await start()
    const modest = bearer((await server.createKey("custom", { permissions: ["session.create", "session.read"] })).key)
    const create = async (permissionMode: string, headers: Record<string, string>) =>
      (await server.call("POST", "/v1/sessions", { workDir: temporary("work"), permissionMode }, headers)).status
    expect(await create("default", modest)).toBe(201)
    expect(await create("plan", modest)).toBe(201)
    expect(await create("acceptEdits", modest)).toBe(403)
    expect(await create("bypassPermissions", modest)).toBe(403)
    expect(await create("acceptEdits", bearer((await server.createKey("operator")).key))).toBe(201)
  })
})

describe("what belongs to others", () => {
  it("of another tenant is not there: not by its id, in lists, in counts or in streams", async () => {
    const server = await start()
    const own = await server.create(temporary("work"), script("say mine"))
    const stranger = await server.createKey("admin", { tenantId: "other", userId: "eve" })
    const eve = bearer(stranger.key)
    const theirs = (
      await server.call("POST", "/v1/sessions", { workDir: temporary("work"), prompt: script("say theirs") }, eve)
    ).body
    await server.untilLogged(own.id, "turn.ended")
    await server.untilLogged(theirs.id, "turn.ended")
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/send"],
      ["POST", "/approve"],
      ["GET", "/log"],
      ["GET", "/read"],
    ] as const) {
      const ask = (id: string) =>
        server.call(method, `/v1/sessions/${id}${path}`, path === "/send" ? { text: "x" } : undefined, eve)
      const [hidden, absent] = [await ask(own.id), await ask("00000000-0000-4000-8000-000000000000")]
      expect([path, hidden.status]).toEqual([path, 404])
      expect({ ...hidden.body, requestId: "", detail: hidden.body.detail.replace(own.id, "ID") }).toEqual({
        ...absent.body,
        requestId: "",
        detail: absent.body.detail.replace("00000000-0000-4000-8000-000000000000", "ID"),
      })
    }
    const listed = (await server.call("GET", "/v1/sessions", undefined, eve)).body.items
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([theirs.id])
    expect((await server.call("GET", "/v1/health", undefined, eve)).body.sessions).toEqual({ idle: 1 })
    const log = (await server.call("GET", "/v1/log?limit=200&after=0", undefined, eve)).body.items
    expect(new Set(log.map(({ sessionId }: { sessionId?: string }) => sessionId))).toEqual(
      new Set([theirs.id, undefined]),
    )
    // Of keys only its own tenant's: its own one.
    expect(
      log
        .filter(({ type }: { type: string }) => type.startsWith("key."))
        .map(({ data }: { data: { keyId: string } }) => data.keyId),
    ).toEqual([stranger.id])
    expect(await sessionsOf((await server.stream("/v1/events", {}, stranger.key)).frames, theirs.id)).toEqual(
      new Set([theirs.id]),
    )
    expect((await server.call("POST", "/v1/auth/sse-token", { sessionId: own.id }, eve)).status).toBe(404)
    const peer = await SocketPeer.authenticated(server.url, stranger.key)
    expect((await peer.ask({ type: "subscribe", all: true, after: 0 })).status).toBe(200)
    await peer.until(({ event }) => event?.type === "turn.ended")
    expect(new Set(peer.heard.flatMap(({ event }) => event?.sessionId ?? []))).toEqual(new Set([theirs.id]))
    peer.close()
  })

  it("of another user of the tenant is shared, or not, as the configuration says", async () => {
    for (const sharing of ["tenant", "owner"] as const) {
      const server = await start({ config: { sharing } })
      const ada = await server.createKey("operator", { userId: "ada" })
      const bob = bearer((await server.createKey("operator", { userId: "bob" })).key)
      const { id } = (
        await server.call(
          "POST",
          "/v1/sessions",
          { workDir: temporary("work"), prompt: script("say a") },
          bearer(ada.key),
        )
      ).body
      await server.untilLogged(id, "turn.ended")
      const isShared = sharing === "tenant"
      expect((await server.call("GET", `/v1/sessions/${id}`, undefined, bob)).status).toBe(isShared ? 200 : 404)
      expect((await server.call("GET", "/v1/sessions", undefined, bob)).body.items).toHaveLength(isShared ? 1 : 0)
      // To see it is not to have it.
      expect((await server.call("POST", `/v1/sessions/${id}/send`, { text: "x" }, bob)).status).toBe(
        isShared ? 403 : 404,
      )
      expect((await server.call("GET", `/v1/sessions/${id}`, undefined, bearer(ada.key))).status).toBe(200)
      const log = (await server.call("GET", "/v1/log?limit=200", undefined, bob)).body.items
      expect(log.some(({ sessionId }: { sessionId?: string }) => sessionId === id)).toBe(isShared)
      // The machine's own person sees all of it.
      expect((await server.call("GET", `/v1/sessions/${id}`)).status).toBe(200)
      await server.server.close()
    }
  })

  it("makes a page of the log short, never one that ends too early", async () => {
    const server = await start()
    const eve = await server.createKey("admin", { tenantId: "other", userId: "eve" })
    const ids: string[] = []
    for (let round = 0; round < 3; round++) {
      for (const key of [server.server.token, server.server.token, eve.key])
        ids.push(
          (await server.call("POST", "/v1/sessions", { workDir: temporary("work"), reuse: false }, bearer(key))).body
            .id,
        )
    }
    const seen: string[] = []
    let after: string | undefined = "0"
    while (after !== undefined) {
      const { items, nextCursor }: { items: { type: string; sessionId?: string }[]; nextCursor?: string } = (
        await server.call("GET", `/v1/log?limit=1&after=${after}`, undefined, bearer(eve.key))
      ).body
      seen.push(...items.flatMap(({ type, sessionId }) => (type === "session.created" && sessionId ? [sessionId] : [])))
      expect(items.length).toBeLessThanOrEqual(1)
      after = nextCursor
    }
    expect(seen).toEqual(ids.filter((_, index) => index % 3 === 2))
  })
})

describe("when a key ends", () => {
  it.each([
    ["is revoked", "DELETE", "", undefined],
    ["may do less", "PATCH", "", { role: "viewer" }],
    ["gets another secret", "POST", "/rotate", undefined],
  ] as const)("because it %s, its streams end before anything that comes after", async (_, method, path, body) => {
    const server = await start()
    const { id, key } = await server.createKey("operator")
    const session = await server.create(temporary("work"))
    const [one, all, other] = [
      await server.stream(`/v1/sessions/${session.id}/events`, {}, key),
      await server.stream("/v1/events", {}, key),
      await server.stream("/v1/events"),
    ]
    const peer = await SocketPeer.authenticated(server.url, key)
    expect((await peer.ask({ type: "subscribe", all: true, after: 0 })).status).toBe(200)
    const changed = await server.call(method, `/v1/auth/keys/${id}${path}`, body)
    expect(changed.status).toBe(200)
    await server.call("POST", `/v1/sessions/${session.id}/send`, { text: script("say afterwards") })
    for (const { frames } of [one, all]) {
      const seen: Frame[] = []
      for await (const frame of frames) seen.push(frame)
      expect(seen.at(-1)).toMatchObject({ event: "bye", data: '{"reason":"token-expired"}' })
      expect(seen.some(({ data }) => data?.includes("afterwards"))).toBe(false)
    }
    expect(await peer.closed).toMatchObject({ code: 1008 })
    expect(peer.heard.some(({ event }) => JSON.stringify(event ?? "").includes("afterwards"))).toBe(false)
    // Others go on.
    for await (const frame of other.frames) if (isEvent("turn.ended")(frame)) break
  })

  it("what was made with it ends too: stream tokens, cookies, login links", async () => {
    const server = await start()
    const { id, key } = await server.createKey("admin", { userId: "ada" })
    const link = async (): Promise<string> =>
      (await server.call("POST", "/v1/auth/login-code", undefined, bearer(key))).body.url
    const cookie = await server.signIn(await link())
    expect((await server.call("POST", "/v1/auth/verify", undefined, cookie)).body).toMatchObject({
      keyId: id,
      userId: "ada",
    })
    const [token, code] = [await server.streamToken(undefined, key), codeOf(await link())]
    await server.call("DELETE", `/v1/auth/keys/${id}`)
    expect((await server.call("GET", "/v1/events", undefined, bearer(token))).status).toBe(401)
    expect((await server.call("GET", "/v1/sessions", undefined, cookie)).status).toBe(401)
    expect((await server.call("POST", "/v1/auth/exchange", { code }, {})).body.code).toBe("login-code-invalid")
  })

  it("by rotation with a grace, both secrets are good; without one the earlier is not", async () => {
    const server = await start()
    const { id, key } = await server.createKey("viewer")
    const status = async (given: string) => (await server.call("GET", "/v1/sessions", undefined, bearer(given))).status
    const second = (await server.call("POST", `/v1/auth/keys/${id}/rotate`, { graceSeconds: 600 })).body
    expect(second).toMatchObject({ id, previousUntil: expect.any(String) })
    expect([await status(key), await status(second.key)]).toEqual([200, 200])
    const { expiresAt } = (await server.call("POST", "/v1/auth/verify", undefined, bearer(key))).body
    expect(expiresAt).toBe(second.previousUntil)
    const third = (await server.call("POST", `/v1/auth/keys/${id}/rotate`)).body
    expect([await status(key), await status(second.key), await status(third.key)]).toEqual([401, 401, 200])
    for (const body of [{ graceSeconds: -1 }, { graceSeconds: 1e9 }, { grace: 1 }])
      expect((await server.call("POST", `/v1/auth/keys/${id}/rotate`, body)).status).toBe(400)
  })
})

/** The sessions that a stream tells of, up to the end of that one's turn. */
async function sessionsOf(frames: AsyncIterable<Frame>, sessionId: string) {
  const seen = new Set<string>()
  for await (const { event, data = "{}" } of frames) {
    const about = event === undefined ? undefined : (JSON.parse(data) as { sessionId?: string }).sessionId
    if (about !== undefined) seen.add(about)
    if (event === "turn.ended" && about === sessionId) break
  }
  return seen
}
