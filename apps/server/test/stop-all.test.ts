import { operations, permissionOf } from "@aegis/openapi-contract"
import { authorize, type Principal } from "@aegis/policy"
import type { OpenedAegis } from "@aegis/session-core/node"
import { expect, it } from "vitest"
import { defaults, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("all work is stopped in one call, seen where one looks, held over a restart, and goes on when it is lifted", async () => {
  const stateDir = temporary("state")
  const first = await start({ config: defaults(stateDir) })
  const { id } = await first.create(temporary("work"), script("write a.txt 1"))
  const path = `/v1/sessions/${id}`
  await first.streamUntil(`${path}/events`, isEvent("approval.requested"))
  const stopped = await first.call("POST", "/v1/stop-all", { reason: "Smoke." })
  const stop = { at: expect.any(String), by: { kind: "key", id: "local", via: "rest" }, reason: "Smoke." }
  expect(stopped).toMatchObject({ status: 200, body: { stopped: true, stop } })
  expect((await first.call("POST", "/v1/stop-all")).body).toEqual(stopped.body)
  expect((await first.call("GET", "/v1/health")).body).toMatchObject({ status: "ok", stop })
  expect((await first.call("GET", "/v1/health", undefined, {})).body).not.toHaveProperty("stop")
  await first.streamUntil(`${path}/events`, isEvent("turn.ended"))
  const sent = await first.call("POST", `${path}/send`, { text: script("say on") })
  expect(sent).toMatchObject({ status: 202, body: { delivered: false, queued: true, stop } })
  await first.server.close()

  const second = await start({ config: defaults(stateDir) })
  expect((await second.call("GET", path)).body).toMatchObject({ queuedPrompts: 1, status: "idle", stop })
  expect(await second.call("DELETE", "/v1/stop-all")).toMatchObject({ status: 200, body: { stopped: false } })
  const frames = await second.streamUntil("/v1/events", (frame) => frame.data?.includes('"on"') === true)
  expect(frames.flatMap(({ event }) => (event?.startsWith("system.") ? [event] : []))).toEqual([
    "system.opened",
    "system.stopped",
    "system.resumed",
  ])
  expect((await second.call("GET", path)).body).not.toHaveProperty("stop")
})

it("nothing is approved meanwhile, and that is told", async () => {
  const server = await start()
  const { id } = await server.create(temporary("work"), script("write a.txt 1"))
  await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("approval.requested"))
  // Withdrawn already for whoever comes later; told as stopped to whoever is as fast.
  const [approved] = await Promise.all([
    server.call("POST", `/v1/sessions/${id}/approve`),
    server.call("POST", "/v1/stop-all"),
  ])
  const stopped = { status: 409, body: { code: "all-stopped" } }
  if (approved.status === 409) expect(approved).toMatchObject(stopped)
  expect((await server.call("POST", `/v1/sessions/${id}/approve`)).status).toBe(404)
  expect((await server.call("DELETE", `/v1/sessions/${id}`)).body.status).toBe("killed")
})

it("a stop that the log has no room for is taken all the same, and says so", async () => {
  const server = await start()
  const { log } = server.server.aegis as OpenedAegis
  const append = log.append.bind(log)
  log.append = () => Promise.reject(Object.assign(new Error("No room."), { code: "storage-full" }))
  expect(await server.call("POST", "/v1/stop-all", { reason: "Smoke." })).toMatchObject({
    status: 202,
    body: { stopped: true, durable: "emergency", stop: { reason: "Smoke." } },
  })
  expect((await server.call("GET", "/v1/health")).body.stop).toMatchObject({ reason: "Smoke." })
  log.append = append
  await server.streamUntil("/v1/events", isEvent("system.stopped"))
})

it("who may kill may stop all work, and only an administrator lets it go on", () => {
  const verdicts = (role: Principal["role"]) =>
    [operations.stopAll, operations.liftStopAll].map((operation) => {
      const principal: Principal = { keyId: "k", userId: "u", tenantId: "t", role, credential: "key" }
      return authorize(principal, permissionOf(operation), { sharing: "tenant" })
    })
  expect(verdicts("admin")).toEqual(["allowed", "allowed"])
  expect(verdicts("operator")).toEqual(["allowed", "forbidden"])
  expect(verdicts("viewer")).toEqual(["forbidden", "forbidden"])
  expect(verdicts("agent")).toEqual(["forbidden", "forbidden"])
})
