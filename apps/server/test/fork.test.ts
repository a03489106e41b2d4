import { expect, it } from "vitest"
import { environmentOf } from "./environment-of.ts"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("a session is forked for who may have such a one, and by an agent as its own session's child", async () => {
  const server = await start()
  const { id } = await server.create(temporary("work"), script("say one"), { permissionMode: "acceptEdits" })
  await server.untilLogged(id, "turn.ended")
  const fork = (body: object | undefined, key = server.server.token, of = id) =>
    server.call("POST", `/v1/sessions/${of}/fork`, body, bearer(key))
  const forked = await fork({ name: "second", prompt: script("say two") })
  expect(forked).toMatchObject({ status: 201, body: { name: "second", forkedFrom: id, reused: false } })
  await server.untilLogged(forked.body.id, "turn.ended")
  expect((await fork(undefined)).body).toMatchObject({ forkedFrom: id })
  for (const wrong of [{ atSeq: 1 }, { name: "" }, { prompt: 1 }])
    expect((await fork(wrong)).body.code).toBe("request-invalid")
  expect((await fork({}, server.server.token, "nothing")).status).toBe(404)
  // Nobody has more by a fork than by a new one.
  const { key } = await server.createKey("custom", {
    permissions: ["session.read", "session.create"],
    userId: "local",
  })
  expect((await fork({}, key)).body.code).toBe("permission-missing")
  const { AEGIS_AGENT_KEY: own = "" } = await environmentOf(server, id)
  expect((await fork({}, own)).body).toMatchObject({ parentId: id, forkedFrom: id })
  expect((await fork({}, own, forked.body.id)).status).toBe(404)
})
