import { operations } from "@aegis/openapi-contract"
import { describe, expect, it } from "vitest"
import { script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

async function healthOf(server: Server, id: string) {
  const { body } = await server.call("GET", `/v1/sessions/${id}/health`)
  const { status, healthy, hints } = body
  for (const { operations: named } of hints)
    for (const operation of named) expect(Object.keys(operations)).toContain(operation)
  return [status, healthy, hints.map(({ code }: { readonly code: string }) => code)]
}

describe("a session's health", () => {
  it("says what waits, for whom, and what to do", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("run echo hi"))
    await server.untilLogged(id, "approval.requested")
    expect(await healthOf(server, id)).toEqual(["permission_prompt", false, ["approval-waits"]])
    const { body } = await server.call("GET", `/v1/sessions/${id}/health`)
    expect(body).toMatchObject({
      lastActivity: expect.any(String),
      agent: { name: "demo", running: true, parked: false, crashes: 0 },
      hints: [{ message: "One approval waits for a decision.", needsHelp: true }],
    })
    await server.call("POST", `/v1/sessions/${id}/pause`)
    expect(await healthOf(server, id)).toEqual(["permission_prompt", false, ["paused", "approval-waits"]])
    await server.call("POST", `/v1/sessions/${id}/resume`)
    await server.call("POST", `/v1/sessions/${id}/approve`)
    await server.untilLogged(id, "turn.ended")
    expect(await healthOf(server, id)).toEqual(["idle", true, []])
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script("ask Tea? | yes | no") })
    await server.untilLogged(id, "question.asked")
    expect(await healthOf(server, id)).toEqual(["asking", false, ["question-waits"]])
    await server.call("POST", "/v1/stop-all", { reason: "Enough." })
    expect((await healthOf(server, id))[2]).toContain("all-stopped")
    await server.call("DELETE", "/v1/stop-all")
    await server.call("DELETE", `/v1/sessions/${id}`)
    expect(await healthOf(server, id)).toEqual(["killed", true, ["over"]])
  })

  it("says how it failed", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("fail -32000 no more tea"))
    await server.untilLogged(id, "turn.ended")
    await expect.poll(async () => (await healthOf(server, id))[0], { timeout: 10_000 }).toBe("error")
    const { hints } = (await server.call("GET", `/v1/sessions/${id}/health`)).body
    expect(hints).toMatchObject([{ code: "failed", message: expect.stringContaining("no more tea"), needsHelp: true }])
  })

  it("is nobody's whose session is nobody's", async () => {
    const server = await start()
    const absent = await server.call("GET", "/v1/sessions/00000000-0000-4000-8000-000000000000/health")
    expect([absent.status, absent.body.code]).toEqual([404, "session-not-found"])
  })
})
