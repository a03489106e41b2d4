import { AegisClient } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { isOpening, openHttpSession } from "../src/index.ts"

const message = (more: object) => ({ jsonrpc: "2.0", id: 1, ...more })
const initialize = message({
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a test", version: "0" } },
})

/** A session whose tools wait until they are given up. */
async function begin() {
  const asked = Promise.withResolvers<Request>()
  const fetch = async (input: unknown) => {
    const request = input as Request
    asked.resolve(request)
    const { promise, reject } = Promise.withResolvers<Response>()
    request.signal.addEventListener("abort", () => reject(new Error("given up")))
    return promise
  }
  let closed = 0
  const client = new AegisClient("http://aegis.test", "token", { fetch })
  const onClosed = () => {
    closed += 1
  }
  const session = await openHttpSession(client, { version: "1.2.3", sessionId: "s", onClosed })
  const ask = (method: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    session.answer(
      new Request("http://aegis.test/mcp", {
        method,
        headers: {
          Accept: "application/json, text/event-stream",
          "Content-Type": "application/json",
          "Mcp-Session-Id": "s",
          ...headers,
        },
      }),
      body,
    )
  return { session, ask, asked: asked.promise, closed: () => closed }
}

describe("a session over HTTP", () => {
  it("begins with initialize, under the id that it is given", async () => {
    const { ask } = await begin()
    expect([isOpening(initialize), isOpening([initialize]), isOpening(undefined)]).toEqual([true, false, false])
    expect((await ask("POST", message({ method: "ping" }))).status).toBe(400)
    const opened = await ask("POST", initialize)
    expect([opened.status, opened.headers.get("Mcp-Session-Id")]).toEqual([200, "s"])
    expect(await opened.text()).toContain('"serverInfo":{"name":"aegis"')
  })

  it("gives up the calls that are being made when it is closed, and ends every answer", async () => {
    const { session, ask, asked, closed } = await begin()
    await ask("POST", initialize)
    const stream = await ask("GET")
    const call = await ask("POST", message({ method: "tools/call", params: { name: "list_sessions", arguments: {} } }))
    const { signal } = await asked
    expect([stream.status, call.status, signal.aborted]).toEqual([200, 200, false])
    await session.close()
    expect([await stream.text(), await call.text(), signal.aborted, closed()]).toEqual(["", "", true, 1])
    await session.close()
    expect([(await ask("GET")).status, closed()]).toEqual([404, 1])
  })

  it("goes on with its calls when only the stream ends, and is over when its host says so", async () => {
    const { session, ask, asked, closed } = await begin()
    await ask("POST", initialize)
    const stream = await ask("GET")
    await ask("POST", message({ method: "tools/call", params: { name: "list_sessions", arguments: {} } }))
    const { signal } = await asked
    session.endStream()
    expect([await stream.text(), signal.aborted, closed()]).toEqual(["", false, 0])
    expect((await ask("DELETE")).status).toBe(200)
    expect([signal.aborted, closed()]).toEqual([true, 1])
  })
})
