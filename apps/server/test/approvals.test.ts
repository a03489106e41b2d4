import { describe, expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>
interface Listed {
  readonly approvalId: string
  readonly seq: number
}

/** A session whose agent asks for something, and what it asks. */
async function asking(server: Server, { key = server.server.token, asks = 1 } = {}) {
  const prompt = script(...Array.from({ length: asks }, (_, index) => `run echo ${index}`))
  const wish = { workDir: temporary("work"), reuse: false, prompt }
  const { id } = (await server.call("POST", "/v1/sessions", wish, bearer(key))).body
  const open: string[] = []
  for await (const page of server.server.aegis.tail({ sessionId: id, after: 0 })) {
    for (const { event } of page)
      if (event.type === "approval.requested") {
        open.unshift(event.data.approvalId)
        if (open.length < asks) await server.call("POST", `/v1/sessions/${id}/approve`, { approvalId: open[0] })
      }
    if (open.length === asks) break
  }
  return { id: id as string, approvals: open }
}

const list = async (server: Server, query = "", key = server.server.token) =>
  (await server.call("GET", `/v1/approvals${query}`, undefined, bearer(key))).body
const idsOf = ({ items }: { readonly items: readonly Listed[] }) => items.map(({ approvalId }) => approvalId)

describe("approvals of all sessions", () => {
  it("are listed newest first, by state and session, as each session lists its own", async () => {
    const server = await start()
    const first = await asking(server, { asks: 2 })
    const second = await asking(server)
    const all = [...second.approvals, ...first.approvals]
    const { items } = await list(server)
    expect(idsOf({ items })).toEqual(all)
    const own = (await server.call("GET", `/v1/sessions/${first.id}/approvals`)).body.items
    expect(items.slice(1)).toEqual(own)
    expect(own[1]).toMatchObject({ status: "approved", votes: [{ voter: "local", choice: "approve" }] })
    expect((await list(server, `?sessionId=${first.id}`)).items).toEqual(own)
    expect(idsOf(await list(server, "?status=open"))).toEqual(all.slice(0, 2))
    expect(idsOf(await list(server, `?status=approved&sessionId=${first.id}`))).toEqual([first.approvals[1]])
    expect(await list(server, "?status=expired")).toEqual({ items: [] })
    expect(await list(server, `?sessionId=${second.id}&status=approved`)).toEqual({ items: [] })
    for (const query of ["?status=none", "?limit=0", "?limit=201", "?after=x", "?nonsense=1"])
      expect((await server.call("GET", `/v1/approvals${query}`)).body).toMatchObject({
        status: 400,
        code: "request-invalid",
      })
  })

  it("are paged, each of them once", async () => {
    const server = await start()
    const { approvals } = await asking(server, { asks: 12 })
    const pages: string[][] = []
    for (let query = "?limit=5"; query !== ""; ) {
      const page = await list(server, query)
      pages.push(idsOf(page))
      query = page.nextCursor === undefined ? "" : `?limit=5&after=${page.nextCursor}`
    }
    expect(pages).toEqual([approvals.slice(0, 5), approvals.slice(5, 10), approvals.slice(10)])
    expect((await list(server, "?limit=12")).nextCursor).toBeUndefined()
  })

  it("are there for those who may read their session, and for nobody else", async () => {
    const server = await start()
    const keys = await Promise.all(
      (["operator", "viewer"] as const).map((role) => server.createKey(role, { userId: role })),
    )
    const stranger = await server.createKey("admin", { tenantId: "elsewhere" })
    const [{ approvals }, theirs] = [
      await asking(server, { key: keys[0]?.key ?? "" }),
      await asking(server, { key: stranger.key }),
    ]
    for (const { key } of keys) expect(idsOf(await list(server, "", key))).toEqual(approvals)
    expect(idsOf(await list(server, "", stranger.key))).toEqual(theirs.approvals)
    expect(await list(server, `?sessionId=${theirs.id}`, keys[0]?.key)).toEqual({ items: [] })
    const nobody = await server.createKey("custom", { permissions: ["memory.read"] })
    expect((await list(server, "", nobody.key)).code).toBe("permission-missing")
  })

  it("are each user's own where nothing is shared", async () => {
    const server = await start({ config: { sharing: "owner" } })
    const [ada, bo] = [
      await server.createKey("operator", { userId: "ada" }),
      await server.createKey("operator", { userId: "bo" }),
    ]
    const { approvals } = await asking(server, { key: ada.key })
    expect(idsOf(await list(server, "", ada.key))).toEqual(approvals)
    expect(await list(server, "", bo.key)).toEqual({ items: [] })
    const { status } = await server.call("GET", `/v1/approvals/${approvals[0]}`, undefined, bearer(bo.key))
    expect(status).toBe(404)
  })
})

describe("an approval", () => {
  it("is shown as its session lists it, open and decided", async () => {
    const server = await start()
    const { id, approvals } = await asking(server)
    const path = `/v1/approvals/${approvals[0]}`
    const { status, body } = await server.call("GET", path)
    expect([status, body]).toMatchObject([200, { sessionId: id, status: "open", tool: { name: "Bash" } }])
    expect(body).toEqual((await server.call("GET", `/v1/sessions/${id}/approvals`)).body.items[0])
    await server.call("POST", `/v1/sessions/${id}/reject`, { reason: "no" })
    expect((await server.call("GET", path)).body).toMatchObject({ status: "rejected", votes: [{ reason: "no" }] })
  })

  it("of another tenant is as absent as one that there is not", async () => {
    const server = await start()
    const { approvals } = await asking(server)
    const stranger = await server.createKey("admin", { tenantId: "elsewhere" })
    const ask = async (approvalId: string) => {
      const { status, body } = await server.call("GET", `/v1/approvals/${approvalId}`, undefined, bearer(stranger.key))
      return JSON.stringify([status, { ...body, requestId: "" }]).replaceAll(approvalId, "ID")
    }
    const absent = await ask("none")
    expect(absent).toContain(
      '[404,{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no approval ID.",',
    )
    expect(await ask(approvals[0] ?? "")).toBe(absent)
  })
})
