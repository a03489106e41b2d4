import { describe, expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

const command = (server: Server, id: string, wish: object, headers: Record<string, string> = {}) =>
  server.call("POST", `/v1/sessions/${id}/command`, wish, { ...bearer(server.server.token), ...headers })

/** A session whose agent has told of its commands. */
async function begun(server: Server) {
  const { id } = await server.create(temporary("work"))
  await server.untilLogged(id, "commands.updated")
  return id as string
}

const prompts = async (server: Server, id: string) =>
  (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=200`)).body.items
    .filter(({ type }: { readonly type: string }) => type === "turn.requested")
    .map(
      ({ data }: { readonly data: { readonly content: readonly { readonly text: string }[] } }) =>
        data.content[0]?.text,
    )

describe("a slash command", () => {
  it("is sent as a prompt, with what is said behind it, with or without its slash", async () => {
    const server = await start()
    const id = await begun(server)
    const { status, body } = await command(server, id, { command: "/hello" })
    expect([status, body]).toMatchObject([
      200,
      { ok: true, delivered: true, queued: false, turnId: expect.any(String) },
    ])
    await server.untilLogged(id, "turn.ended")
    expect((await command(server, id, { command: "tour  the\nwhole" })).status).toBeLessThan(300)
    expect(await prompts(server, id)).toEqual(["/hello", "/tour  the\nwhole"])
  })

  it("that the agent has not is refused, with those that it has, and nothing is sent", async () => {
    const server = await start()
    const id = await begun(server)
    for (const wanted of ["/nonsense", "hell", "HELLO now"]) {
      const { status, body } = await command(server, id, { command: wanted })
      expect([status, body.code]).toEqual([422, "command-unknown"])
      expect(body.detail).toMatch(/It has: \/hello, \/tour\.$/)
    }
    expect(await prompts(server, id)).toEqual([])
    await server.call("POST", "/v1/stop-all")
    const { id: silent } = await server.create(temporary("work"))
    const { body } = await command(server, silent, { command: "hello" })
    expect([body.code, body.detail]).toEqual([
      "command-unknown",
      expect.stringMatching(/has told of no commands, or not yet/),
    ])
  })

  it("waits behind what runs, or is refused, as a prompt", async () => {
    const server = await start()
    const id = await begun(server)
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script("say up", "wait") })
    const queued = await command(server, id, { command: "hello" })
    expect([queued.status, queued.body.queued]).toEqual([202, true])
    const busy = await command(server, id, { command: "hello", whenBusy: "reject" })
    expect([busy.status, busy.body.code]).toEqual([409, "turn-busy"])
    await server.call("DELETE", `/v1/sessions/${id}`)
    expect((await command(server, id, { command: "hello" })).body.code).toBe("session-ended")
  })

  it("is sent once under an Idempotency-Key, also when the agent has it no more", async () => {
    const server = await start()
    const id = await begun(server)
    const once = () => command(server, id, { command: "tour" }, { "Idempotency-Key": "k" })
    const first = await once()
    // It asks somebody, and would wait.
    await server.call("POST", `/v1/sessions/${id}/escape`)
    await server.untilLogged(id, "turn.ended")
    await server.call("POST", `/v1/sessions/${id}/send`, { text: script("commands") })
    await expect
      .poll(async () => (await server.call("POST", `/v1/sessions/${id}/discover-commands`)).body.commands, {
        timeout: 10_000,
      })
      .toHaveLength(1)
    expect((await once()).body).toMatchObject({ turnId: first.body.turnId })
    expect(await prompts(server, id)).toEqual(["/tour", script("commands")])
    expect((await command(server, id, { command: "tour" })).body.code).toBe("command-unknown")
  })

  it.each([
    {},
    { command: "" },
    { command: "/" },
    { command: " hello" },
    { command: "//hello" },
    { command: "hello", text: "x" },
  ])("that is none is refused: %j", async (wish) => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    expect((await command(server, id, wish)).body).toMatchObject({ status: 400, code: "request-invalid" })
  })

  it("is for those who may send", async () => {
    const server = await start()
    const id = await begun(server)
    const viewer = await server.createKey("viewer")
    const stranger = await server.createKey("admin", { tenantId: "elsewhere" })
    expect((await command(server, id, { command: "hello" }, bearer(viewer.key))).body.code).toBe("permission-missing")
    expect((await command(server, id, { command: "hello" }, bearer(stranger.key))).body.code).toBe("session-not-found")
  })
})
