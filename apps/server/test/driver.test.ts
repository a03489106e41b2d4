import { expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

/** A session of Bo's, whom two keys stand for, and somebody who only reads it. */
async function driven() {
  const server = await start()
  const bo = { userId: "bo" }
  const [one, two] = [await server.createKey("operator", bo), await server.createKey("operator", bo)]
  const reader = await server.createKey("viewer", { userId: "cy" })
  const wish = { workDir: temporary("work"), prompt: script("say one") }
  const { id } = (await server.call("POST", "/v1/sessions", wish, bearer(one.key))).body
  await server.untilLogged(id, "turn.ended")
  const call = (who: { readonly key: string }, verb: string, body?: object) =>
    server.call("POST", `/v1/sessions/${id}/${verb}`, body, bearer(who.key))
  return { server, id, one, two, reader, call }
}

it("who drives alone sends, until they give it back or to somebody else", async () => {
  const { server, id, one, two, reader, call } = await driven()
  const claimed = await call(one, "driver/claim", { ttlSeconds: 600 })
  expect(claimed).toMatchObject({ status: 200, body: { keyId: one.id, fence: 1 } })
  expect(Date.parse(claimed.body.expiresAt) - Date.now()).toBeGreaterThan(590_000)
  expect((await server.call("GET", `/v1/sessions/${id}`)).body.driver).toEqual(claimed.body)
  for (const [verb, body] of [
    ["send", { text: script("say two") }],
    ["command", { command: "hello" }],
    ["answer", { action: "decline" }],
    ["driver/claim", {}],
    ["driver/release", {}],
    ["driver/transfer", { targetKeyId: two.id }],
  ] as const) {
    const { status, body: problem } = await call(two, verb, body)
    expect([verb, status, problem.code]).toEqual([verb, 409, "driver-held"])
  }
  // A reader is told what a reader is.
  expect((await call(reader, "driver/claim", {})).body.code).toBe("permission-missing")
  expect((await call(one, "send", { text: script("say two"), fence: 1 })).status).toBeLessThan(300)
  const given = await call(one, "driver/transfer", { targetKeyId: two.id, fence: 1 })
  expect(given).toMatchObject({ status: 200, body: { keyId: two.id, fence: 2, expiresAt: claimed.body.expiresAt } })
  expect((await call(one, "send", { text: script("say three"), fence: 1 })).body.code).toBe("driver-held")
  expect((await call(two, "send", { text: script("say three"), fence: 1 })).body.code).toBe("fence-stale")
  expect((await call(two, "driver/release", { fence: 2 })).body).toEqual({ ok: true })
  expect((await call(two, "driver/release")).body).toEqual({ ok: true })
  expect((await call(one, "send", { text: script("say four") })).status).toBeLessThan(300)
  expect((await call(one, "driver/transfer", { targetKeyId: two.id })).body.code).toBe("driver-absent")
  expect((await server.call("GET", `/v1/sessions/${id}`)).body).not.toHaveProperty("driver")
})

it("it is given only to who may send here, and taken away only by an administrator", async () => {
  const { server, id, one, two, reader, call } = await driven()
  await call(one, "driver/claim")
  const stranger = await server.createKey("operator", { tenantId: "elsewhere", userId: "eve" })
  for (const [targetKeyId, status, code] of [
    [reader.id, 422, "target-may-not-send"],
    [stranger.id, 404, "key-not-found"],
    ["nothing", 404, "key-not-found"],
  ] as const) {
    const refused = await call(one, "driver/transfer", { targetKeyId })
    expect([targetKeyId, refused.status, refused.body.code]).toEqual([targetKeyId, status, code])
  }
  for (const wrong of [{ ttlSeconds: 0 }, { ttlSeconds: 3601 }, { fence: 0 }, { forever: true }])
    expect((await call(one, "driver/claim", wrong)).body.code).toBe("request-invalid")
  expect((await call(two, "driver/release")).body.code).toBe("driver-held")
  // The machine's own token may do all.
  expect((await server.call("POST", `/v1/sessions/${id}/driver/release`)).status).toBe(200)
  expect((await call(two, "driver/claim")).body).toMatchObject({ keyId: two.id, fence: 2 })
  expect((await call(one, "driver/transfer", { targetKeyId: "local" })).body.code).toBe("driver-held")
  expect((await call(two, "driver/transfer", { targetKeyId: "local" })).body).toMatchObject({
    keyId: "local",
    fence: 3,
  })
})

it("who has taken part is told with what they have done, and who drives", async () => {
  const { server, id, one, two, call } = await driven()
  await call(two, "send", { text: script("write a.txt x") })
  await server.untilLogged(id, "approval.requested")
  await server.call("POST", `/v1/sessions/${id}/approve`)
  await call(two, "driver/claim")
  const { status, body } = await server.call("GET", `/v1/sessions/${id}/participants`)
  expect(status).toBe(200)
  expect(body.items).toMatchObject([
    { keyId: one.id, userId: "bo", prompts: 1, votes: 0, answers: 0 },
    { keyId: two.id, userId: "bo", prompts: 1, votes: 0 },
    { keyId: "local", prompts: 0, votes: 1 },
  ])
  expect(body.driver).toMatchObject({ keyId: two.id, fence: 1 })
  // Nobody drives what has ended.
  expect((await server.call("DELETE", `/v1/sessions/${id}`)).body).not.toHaveProperty("driver")
})

it("a session that somebody drives is nobody's to reuse", async () => {
  const { server, id, one, call } = await driven()
  const { workDir } = (await server.call("GET", `/v1/sessions/${id}`)).body
  const begin = async () =>
    (await server.call("POST", "/v1/sessions", { workDir, name: "say one" }, bearer(one.key))).body
  await server.call("PATCH", `/v1/sessions/${id}`, { name: "say one" })
  expect(await begin()).toMatchObject({ id, reused: true })
  await call(one, "driver/claim")
  expect(await begin()).toMatchObject({ reused: false })
})
