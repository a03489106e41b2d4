import { expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("a session's options are set, seen, and offered as its agent says", async () => {
  const server = await start()
  const begun = await server.create(temporary("work"), script("options"), { effort: "low" })
  expect(begun).toMatchObject({ options: { effort: "low" }, version: 1 })
  await server.untilLogged(begun.id, "turn.ended")
  const url = `/v1/sessions/${begun.id}/options`
  const set = (options: unknown, headers: Record<string, string> = {}) =>
    server.call("PUT", url, { options }, { ...bearer(server.server.token), ...headers })
  const changed = await set({ model: "demo-large", effort: "high" }, { "If-Match": '"1"' })
  expect([changed.status, changed.headers.get("ETag")]).toEqual([200, '"2"'])
  expect(changed.body).toMatchObject({ model: "demo-large", options: { effort: "high" } })
  const late = await set({}, { "If-Match": '"1"' })
  expect([late.status, late.body.code]).toEqual([412, "version-mismatch"])
  const { body } = await server.call("GET", url)
  expect(body).toMatchObject({
    options: { model: "demo-large", effort: "high" },
    offered: [
      { id: "model", category: "model" },
      { id: "thinking", choices: [{ value: "low" }, {}, {}] },
      { type: "boolean" },
    ],
  })
  const other = await set({ model: "huge" })
  expect([other.status, other.body.code]).toEqual([422, "option-not-allowed"])
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`o${n}`, "x"]))
  for (const none of [undefined, null, [], { effort: 1 }, { "": "x" }, many])
    expect([none, (await set(none)).body.code]).toEqual([none, "request-invalid"])
  expect((await server.call("PUT", "/v1/sessions/nothing/options", { options: {} })).status).toBe(404)
})

it("what nobody knows of an agent's options takes session.approve", async () => {
  const server = await start()
  const permissions = ["session.read", "session.create", "session.send"]
  const { key } = await server.createKey("custom", { permissions, userId: "bo" })
  const { id } = (await server.call("POST", "/v1/sessions", { workDir: temporary("work") }, bearer(key))).body
  await server.untilLogged(id, "session.ready")
  const set = (options: unknown) => server.call("PUT", `/v1/sessions/${id}/options`, { options }, bearer(key))
  expect((await set({ effort: "high" })).status).toBe(200)
  const restricted = await set({ effort: "high", terse: true })
  expect([restricted.status, restricted.body.code]).toEqual([403, "option-restricted"])
  expect((await server.call("GET", `/v1/sessions/${id}`)).body.options).toEqual({ effort: "high" })
})

it("an effort goes with templates and stages, too", async () => {
  const server = await start()
  const template = { name: "Thorough", workDir: temporary("work"), prompt: script("options"), effort: "high" }
  const { id } = (await server.call("POST", "/v1/templates", template)).body
  const begun = (await server.call("POST", "/v1/sessions", { template: id })).body
  expect(begun).toMatchObject({ options: { effort: "high" } })
  const stages = [
    { name: "one", template: id },
    { name: "two", template: id, effort: "low" },
  ]
  const pipeline = await server.call("POST", "/v1/pipelines", { name: "p", workDir: temporary("work"), stages })
  expect(pipeline.body.stages).toMatchObject([{ options: { effort: "high" } }, { options: { effort: "low" } }])
})
