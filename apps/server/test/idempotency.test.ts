import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, isEvent, PATIENT_MS, type Reply, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
type Server = Awaited<ReturnType<typeof start>>

/** A write under a key. */
function write(server: Server, key: string, [method, path, body]: readonly [string, string, unknown?]) {
  const headers = { Authorization: `Bearer ${server.server.token}`, "Idempotency-Key": key }
  return server.call(method, path, body, headers)
}

async function countOf(server: Server, id: string, type: string) {
  const { body } = await server.call("GET", `/v1/sessions/${id}/log?limit=200`)
  return body.items.filter((event: { readonly type: string }) => event.type === type).length
}

describe("an Idempotency-Key", () => {
  it("makes one session of a hundred requests at once, and all get the same answer", async () => {
    const server = await start()
    const request = [
      "POST",
      "/v1/sessions",
      { workDir: temporary("work"), prompt: script("say one"), reuse: false },
    ] as const
    const replies = await Promise.all(Array.from({ length: 100 }, () => write(server, "k", request)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    const told = ({ body }: Reply) => `${body.id} ${body.promptDelivery.turnId} ${body.reused}`
    expect(new Set(replies.map(told)).size).toBe(1)
    const { items } = (await server.call("GET", "/v1/sessions")).body
    expect(items).toHaveLength(1)
    await server.streamUntil(`/v1/sessions/${items[0].id}/events`, isEvent("turn.ended"))
    expect(await countOf(server, items[0].id, "turn.requested")).toBe(1)
    expect(told(await write(server, "k", request))).toBe(told(replies[0] as Reply))
  })

  it("makes every write happen once", async () => {
    const server = await start()
    const workDir = temporary("work")
    const { id } = await server.create(workDir, undefined, { reuse: false })
    const path = `/v1/sessions/${id}`
    const twice = async (key: string, request: Parameters<typeof write>[2]) => {
      const [first, second] = [await write(server, key, request), await write(server, key, request)]
      expect([second.status < 300, second.body.id, second.body.turnId, second.body.approvalId]).toEqual([
        first.status < 300,
        first.body.id,
        first.body.turnId,
        first.body.approvalId,
      ])
      expect(first.status).toBeLessThan(300)
    }
    await twice("send", ["POST", `${path}/send`, { text: script("write a.txt x", "ask Tea? | yes | no", "wait") }])
    await server.streamUntil(`${path}/events`, isEvent("approval.requested"))
    await twice("approve", ["POST", `${path}/approve`, {}])
    await server.streamUntil(`${path}/events`, isEvent("question.asked"))
    await twice("answer", ["POST", `${path}/answer`, { content: { choice: "yes" } }])
    await server.streamUntil(`${path}/events`, isEvent("question.delivered"))
    await twice("interrupt", ["POST", `${path}/interrupt`, {}])
    await server.streamUntil(`${path}/events`, isEvent("turn.ended"))
    await twice("kill", ["DELETE", path])
    expect(readFileSync(join(workDir, "a.txt"), "utf8")).toBe("x")
    for (const type of [
      "turn.requested",
      "approval.voted",
      "question.answered",
      "turn.cancel_requested",
      "session.killed",
    ])
      expect([type, await countOf(server, id, type)]).toEqual([type, 1])
  })

  it("stands for one request: another one under it is refused, and does nothing", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const path = `/v1/sessions/${id}`
    expect((await write(server, "k", ["POST", `${path}/send`, { text: "/hello" }])).status).toBeLessThan(300)
    for (const request of [
      ["POST", `${path}/send`, { text: "/hello again" }],
      ["POST", `${path}/interrupt`, { text: "/hello" }],
      ["POST", "/v1/sessions", { workDir: temporary("work") }],
    ] as const)
      expect(await write(server, "k", request)).toMatchObject({ status: 422, body: { code: "idempotency-mismatch" } })
    expect(await countOf(server, id, "turn.requested")).toBe(1)
    expect((await server.call("GET", "/v1/sessions")).body.items).toHaveLength(1)
  })

  it("is its caller's own: under another's the same request is another write", async () => {
    const server = await start()
    const keys = [
      server.server.token,
      (await server.createKey("operator")).key,
      (await server.createKey("operator", { userId: "bo" })).key,
      (await server.createKey("operator", { userId: "bo" })).key,
      (await server.createKey("operator", { userId: "bo", tenantId: "other" })).key,
    ]
    const body = { workDir: temporary("work"), reuse: false }
    const made = async (key: string) =>
      (await server.call("POST", "/v1/sessions", body, { ...bearer(key), "Idempotency-Key": "k" })).body.id as string
    const first = await Promise.all(keys.map(made))
    expect(new Set(first).size).toBe(keys.length)
    expect(await Promise.all(keys.map(made))).toEqual(first)
  })

  it("of a request that was refused is free: the refusal is not remembered", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const path = `/v1/sessions/${id}`
    expect((await write(server, "k", ["POST", `${path}/approve`, {}])).status).toBe(404)
    await server.call("POST", `${path}/send`, { text: script("run echo hi") })
    await server.streamUntil(`${path}/events`, isEvent("approval.requested"))
    expect((await write(server, "k", ["POST", `${path}/approve`, {}])).status).toBe(200)
  })

  it("is remembered after a restart", async () => {
    const stateDir = temporary("state")
    const config = defaults(stateDir)
    const first = await start({ config, deliveryWaitMs: PATIENT_MS })
    const request = [
      "POST",
      "/v1/sessions",
      { workDir: temporary("work"), prompt: script("say one"), reuse: false },
    ] as const
    const before = await write(first, "k", request)
    await first.streamUntil(`/v1/sessions/${before.body.id}/events`, isEvent("turn.ended"))
    await first.server.close()
    const second = await start({ config })
    const after = await write(second, "k", request)
    expect([after.body.id, after.body.promptDelivery]).toEqual([before.body.id, before.body.promptDelivery])
    expect(await countOf(second, before.body.id, "turn.requested")).toBe(1)
  })

  it.each(["", "a b", "ü", "x".repeat(256)])("that is none is refused: %j", async (key) => {
    const server = await start()
    const workDir = temporary("work")
    const headers = { Authorization: `Bearer ${server.server.token}`, "Idempotency-Key": encodeKey(key) }
    const reply = await server.call("POST", "/v1/sessions", { workDir }, headers)
    expect(reply).toMatchObject({ status: 400 })
    expect(JSON.stringify(reply.body)).toMatch(/Idempotency-Key|255/)
    expect((await server.call("GET", "/v1/sessions")).body.items).toEqual([])
  })
})

// A header's bytes, as a careless caller would send them.
function encodeKey(key: string) {
  return Buffer.from(key, "utf8").toString("latin1")
}
