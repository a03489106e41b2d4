import { AegisClient } from "@aegis/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import { describe, expect, it } from "vitest"
import { createMcpServer } from "../src/index.ts"

/** A client whose server answers with what it is given, and a list of what the server was asked. */
async function connect(answer: (request: Request) => Response | Promise<Response>) {
  const asked: { readonly method: string; readonly url: string; readonly body: unknown }[] = []
  const fetch = async (input: unknown) => {
    const request = input as Request
    const text = await request.clone().text()
    asked.push({ method: request.method, url: request.url, body: text === "" ? undefined : JSON.parse(text) })
    return answer(request)
  }
  const server = createMcpServer(new AegisClient("http://aegis.test", "token", { fetch }), { version: "1.2.3" })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: "test", version: "0" })
  await Promise.all([server.connect(ours), client.connect(theirs)])
  return { client, asked }
}

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } })

describe("a tool", () => {
  it("is one call of the operation, each argument in its place", async () => {
    const { client, asked } = await connect(() => json({ messages: [] }))
    await client.callTool({ name: "get_transcript", arguments: { sessionId: "a/b", beforeId: 7, role: "user" } })
    await client.callTool({ name: "send_message", arguments: { sessionId: "s", text: "Hi", whenBusy: "reject" } })
    await client.callTool({ name: "approve_permission", arguments: { sessionId: "s" } })
    await client.callTool({ name: "server_health" })
    expect(asked).toEqual([
      {
        method: "GET",
        url: "http://aegis.test/v1/sessions/a%2Fb/transcript/cursor?before_id=7&limit=50&role=user",
        body: undefined,
      },
      { method: "POST", url: "http://aegis.test/v1/sessions/s/send", body: { text: "Hi", whenBusy: "reject" } },
      { method: "POST", url: "http://aegis.test/v1/sessions/s/approve", body: {} },
      { method: "GET", url: "http://aegis.test/v1/health", body: undefined },
    ])
  })

  it("does nothing with arguments that do not fit, and names them", async () => {
    const { client, asked } = await connect(() => json({}))
    const wrong = { sessionId: 7, shout: true }
    const { isError, content } = await client.callTool({ name: "get_status", arguments: wrong })
    expect([isError, asked]).toEqual([true, []])
    expect(JSON.stringify(content)).toMatch(/sessionId.*shout/)
  })

  it("gives the server's refusal to the model, and a fault of ours to the host", async () => {
    const problem = { code: "session-not-found", detail: "There is no session s.", status: 404, title: "", type: "" }
    const { client } = await connect(() => json(problem, 404))
    expect(await client.callTool({ name: "get_status", arguments: { sessionId: "s" } })).toMatchObject({
      isError: true,
      content: [{ text: "session-not-found: There is no session s." }],
      structuredContent: { code: "session-not-found", status: 404 },
    })
    const broken = await connect(() => {
      throw new RangeError("never")
    })
    expect(
      await broken.client.callTool({ name: "send_message", arguments: { sessionId: "s", text: "x" } }),
    ).toMatchObject({
      isError: true,
      structuredContent: { code: "unreachable" },
    })
  })

  it("ends its call when the host takes it back", async () => {
    const leave = new AbortController()
    const { promise: ended, resolve: end } = Promise.withResolvers<string>()
    const { client } = await connect(({ signal }) => {
      const { promise, reject } = Promise.withResolvers<Response>()
      signal.addEventListener("abort", () => {
        end("ended")
        reject(new Error("ended"))
      })
      leave.abort("enough")
      return promise
    })
    const { signal } = leave
    await expect(
      client.callTool({ name: "kill_session", arguments: { sessionId: "s" } }, undefined, { signal }),
    ).rejects.toThrow("enough")
    expect(await ended).toBe("ended")
  })
})
