import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { expect, it } from "vitest"
import { startServer } from "../src/index.ts"
import { defaults, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("one data directory has one server: a second one says so, and leaves the first alone", async () => {
  const stateDir = temporary("state")
  const first = await start({ config: defaults(stateDir) })
  await expect(startServer({ config: defaults(stateDir), env: process.env })).rejects.toMatchObject({
    code: "log-locked",
  })
  expect((await first.call("GET", "/v1/health")).status).toBe(200)
})

it("a taken port is told with what to do, and leaves nothing behind", async () => {
  const other = createServer().listen(0, "127.0.0.1")
  await once(other, "listening")
  const { port } = other.address() as AddressInfo
  const config = { ...defaults(temporary("state")), port }
  await expect(startServer({ config, env: process.env })).rejects.toThrow(
    new RegExp(`Port ${port} is taken.*AEGIS_PORT`),
  )
  other.close()
  await once(other, "close")
  const server = await start({ config })
  expect((await server.call("GET", "/v1/health")).status).toBe(200)
})

it("a restart has the same events, byte for byte, and the session goes on", async () => {
  const stateDir = temporary("state")
  const first = await start({ config: defaults(stateDir) })
  const { id } = await first.create(temporary("work"), script("say one"))
  await first.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
  const before = (await first.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))).filter(
    (frame) => frame.id,
  )
  await first.server.close()
  const second = await start({ config: defaults(stateDir) })
  await second.call("POST", `/v1/sessions/${id}/send`, { text: script("say two") })
  const after = (
    await second.streamUntil(
      `/v1/sessions/${id}/events?after=0`,
      (frame) => frame.event === "message.delta" && frame.data?.includes('"two"') === true,
    )
  ).filter((frame) => frame.id)
  expect(after.slice(0, before.length)).toEqual(before)
})

it("the document that is served is the contract", async () => {
  const server = await start({ version: "1.2.3" })
  const { body } = await server.call("GET", "/v1/openapi.json")
  expect(body.info.version).toBe("1.2.3")
  expect(Object.keys(body.paths).length).toBeGreaterThan(15)
  expect((await server.call("GET", "/v1/version")).body).toMatchObject({ version: "1.2.3", apiVersion: "1" })
  expect((await server.call("GET", "/v1/health")).body).toMatchObject({
    storage: { engine: "sqlite", durable: true },
    sessions: {},
  })
})
