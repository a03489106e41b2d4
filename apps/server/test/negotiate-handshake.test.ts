import { describe, expect, it } from "vitest"
import { negotiateHandshake } from "../src/negotiate-handshake.ts"
import { bearer, useServer } from "./server-harness.ts"

const { start } = useServer()

describe("what client and server agree on", () => {
  it("is what both have, as the public example asks for it", async () => {
    const server = await start()
    const wish = { protocolVersion: "1", clientCapabilities: ["session.create", "session.transcript.cursor"] }
    const { status, body } = await server.call("POST", "/v1/handshake", wish)
    expect([status, body]).toEqual([
      200,
      {
        protocolVersion: "1",
        serverCapabilities: expect.arrayContaining(["session.create", "session.approve", "hooks.stop"]),
        negotiatedCapabilities: ["session.create", "session.transcript.cursor"],
        warnings: [],
        compatible: true,
      },
    ])
  })

  it.each(["0", "one", "1.5", "", -1, 0.5])(
    "is nothing with the protocol %j: that is a conflict",
    async (protocolVersion) => {
      const server = await start()
      const { status, body, headers } = await server.call("POST", "/v1/handshake", {
        protocolVersion,
        clientCapabilities: ["session.create"],
      })
      expect([status, headers.get("Content-Type")]).toEqual([409, "application/problem+json"])
      expect(body).toMatchObject({
        code: "handshake-incompatible",
        protocolVersion: "1",
        negotiatedCapabilities: [],
        warnings: [expect.stringMatching(/protocol/)],
        compatible: false,
      })
    },
  )

  it("is less, with a warning, where one knows what the other does not", () => {
    const hello = { protocolVersion: 2, clientCapabilities: ["telepathy", "memory", "memory"], clientVersion: "3.1.0" }
    const { compatible, negotiatedCapabilities, warnings } = negotiateHandshake(hello, "1.2.3")
    expect([compatible, negotiatedCapabilities]).toEqual([true, ["memory"]])
    expect(warnings).toEqual([
      "This server speaks protocol 1, and knows nothing of what is newer.",
      `The client's version is "3.1.0", the server's 1.2.3.`,
      `This server has no capability "telepathy".`,
    ])
    expect(negotiateHandshake({ protocolVersion: 1, clientVersion: "1.9.0" }, "1.2.3").warnings).toEqual([])
  })

  it("is told to those who may read sessions, and needs all that it asks for", async () => {
    const server = await start()
    const without = await server.createKey("custom", { permissions: ["memory.read"] })
    const ask = async (body: object, key = server.server.token) =>
      (await server.call("POST", "/v1/handshake", body, bearer(key))).status
    expect(await ask({ protocolVersion: "1" }, without.key)).toBe(403)
    expect(await ask({})).toBe(400)
    expect(await ask({ protocolVersion: "1", other: 1 })).toBe(400)
  })
})
