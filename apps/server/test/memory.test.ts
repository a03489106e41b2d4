import { describe, expect, it } from "vitest"
import { bearer, isEvent, useServer } from "./server-harness.ts"

const { start } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const set = (
  server: Server,
  key: string,
  value: string,
  more: object = {},
  headers: Record<string, string> = bearer(server.server.token),
) => server.call("POST", "/v1/memory", { key, value, ...more }, headers)

describe("what is kept under a key", () => {
  it("is there with its version, however the key's slash is written, until somebody deletes it", async () => {
    const server = await start()
    const first = await set(server, "project/notes", "one")
    expect([first.status, first.headers.get("ETag")]).toEqual([200, '"1"'])
    expect(first.body).toEqual({
      key: "project/notes",
      value: "one",
      version: 1,
      updatedAt: expect.any(String),
      updatedBy: { kind: "key", id: "local", via: "rest" },
    })
    await set(server, "project/deep/notes", "two", { ttlSeconds: 60 })
    for (const path of ["/v1/memory/project/notes", "/v1/memory/project%2Fnotes"])
      expect((await server.call("GET", path)).body).toEqual(first.body)
    const deep = await server.call("GET", "/v1/memory/project/deep%2Fnotes")
    expect(Date.parse(deep.body.expiresAt) - Date.parse(deep.body.updatedAt)).toBe(60_000)
    expect((await server.call("DELETE", "/v1/memory/project%2Fnotes")).body).toEqual({ ok: true })
    const gone = await server.call("GET", "/v1/memory/project/notes")
    expect([gone.status, gone.body.code]).toEqual([404, "memory-not-found"])
    expect((await server.call("DELETE", "/v1/memory/project/notes")).status).toBe(404)
  })

  it("is written over what was read, and over nothing else", async () => {
    const server = await start()
    const write = (value: string, ifMatch: string) =>
      set(server, "a/b", value, {}, { ...bearer(server.server.token), "If-Match": ifMatch })
    expect((await write("first", '"0"')).status).toBe(200)
    const late = await write("second", '"0"')
    expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
    expect((await write("second", '"1"')).headers.get("ETag")).toBe('"2"')
    const remove = { ...bearer(server.server.token), "If-Match": '"1"' }
    expect((await server.call("DELETE", "/v1/memory/a/b", undefined, remove)).status).toBe(412)
    expect((await server.call("GET", "/v1/memory/a/b")).body.value).toBe("second")
    // Versions are not given twice, also not to what was there before.
    await server.call("DELETE", "/v1/memory/a/b")
    expect((await write("third", '"0"')).body.version).toBe(3)
  })

  it("comes in pages, by key", async () => {
    const server = await start()
    for (const key of ["b/1", "a/2", "a/10", "ab/1"]) await set(server, key, key)
    const page = async (query: string) => {
      const { body } = await server.call("GET", `/v1/memory?${query}`)
      return [body.items.map(({ key }: { readonly key: string }) => key), body.nextCursor]
    }
    expect(await page("")).toEqual([["a/10", "a/2", "ab/1", "b/1"], undefined])
    expect(await page("prefix=a/")).toEqual([["a/10", "a/2"], undefined])
    expect(await page("limit=2")).toEqual([["a/10", "a/2"], "a/2"])
    expect(await page("limit=2&after=a/2")).toEqual([["ab/1", "b/1"], undefined])
    const other = await server.call("GET", "/v1/memory?prefix=b/&after=a/2")
    expect([other.status, other.body.code]).toEqual([400, "cursor-invalid"])
  })

  it("is refused where it is too long, or its key is none", async () => {
    const server = await start()
    expect((await set(server, "a/b", "ü".repeat(51_200))).status).toBe(200)
    const tooLong = await set(server, "a/b", "ü".repeat(51_201))
    expect([tooLong.status, tooLong.body.errors[0]]).toEqual([
      400,
      { path: "value", message: "At most 100 KiB, as UTF-8" },
    ])
    const badKey = await set(server, "notes", "x")
    expect([badKey.status, badKey.body.code]).toEqual([400, "memory-key-invalid"])
    expect(badKey.body.detail).toContain("project/conventions")
    expect((await set(server, "a/b", "x", { ttlSeconds: 31 * 24 * 3600 })).status).toBe(400)
    expect((await server.call("GET", "/v1/memory/notes")).status).toBe(404)
  })
})

describe("whose it is", () => {
  it("a tenant's, for those who may read it, and nobody else's", async () => {
    const server = await start()
    await set(server, "a/b", "ours")
    const [viewer, without, stranger] = await Promise.all([
      server.createKey("viewer", { userId: "bo" }),
      server.createKey("custom", { permissions: ["session.read"] }),
      server.createKey("operator", { tenantId: "elsewhere" }),
    ])
    const read = async ({ key }: { readonly key: string }) =>
      server.call("GET", "/v1/memory/a/b", undefined, bearer(key))
    expect((await read(viewer)).body.value).toBe("ours")
    expect((await read(without)).status).toBe(403)
    const absent = await server.call("GET", "/v1/memory/a/b", undefined, bearer(stranger.key))
    expect([absent.status, absent.body.code]).toEqual([404, "memory-not-found"])
    expect((await set(server, "a/c", "x", {}, bearer(viewer.key))).status).toBe(403)
    expect((await set(server, "a/b", "theirs", {}, bearer(stranger.key))).body).toMatchObject({ version: 1 })
    expect((await read(viewer)).body.value).toBe("ours")
  })

  it("a user's, where users share nothing", async () => {
    const server = await start({ config: { sharing: "owner" } })
    const [ada, bo] = await Promise.all([
      server.createKey("operator", { userId: "ada" }),
      server.createKey("operator", { userId: "bo" }),
    ])
    await set(server, "a/b", "of ada", {}, bearer(ada.key))
    expect((await server.call("GET", "/v1/memory", undefined, bearer(bo.key))).body.items).toEqual([])
    expect((await server.call("GET", "/v1/memory/a/b", undefined, bearer(ada.key))).body.value).toBe("of ada")
  })

  it("told in the streams of those who may read it", async () => {
    const server = await start({ config: { sharing: "owner" } })
    const keys = await Promise.all([
      server.createKey("operator", { userId: "ada" }),
      server.createKey("operator", { userId: "bo" }),
      server.createKey("custom", { userId: "ada", permissions: ["session.read"] }),
      server.createKey("operator", { userId: "ada", tenantId: "elsewhere" }),
      server.createKey("admin", { userId: "eve" }),
    ])
    const [ada] = keys
    const { headers } = await set(server, "a/b", "of ada", {}, bearer(ada?.key ?? ""))
    expect(headers.get("ETag")).toBe('"1"')
    await server.call("DELETE", "/v1/memory/a/b", undefined, bearer(ada?.key ?? ""))
    await server.call("POST", "/v1/stop-all", { reason: "the end" })
    const told = await Promise.all(
      keys.map(async ({ key }) => {
        const { frames } = await server.stream("/v1/events?after=0", {}, key)
        const types: string[] = []
        for await (const frame of frames) {
          if (frame.event?.startsWith("memory.")) types.push(frame.event)
          if (isEvent("system.stopped")(frame)) break
        }
        return types.length
      }),
    )
    expect(told).toEqual([2, 0, 0, 0, 2])
  })
})
