import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { afterEach } from "vitest"
import { bearer } from "./server-harness.ts"

/** MCP hosts of a test, by the official client: all have left after it. */
export function useHosts() {
  const clients: Client[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
  })
  return async function connect(url: string, key: string, headers: Readonly<Record<string, string>> = {}) {
    const client = new Client({ name: "a test", version: "0" })
    const requestInit = { headers: { ...bearer(key), ...headers } }
    const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit })
    clients.push(client)
    await client.connect(transport)
    return new McpHost(client, transport)
  }
}

class McpHost {
  readonly client: Client
  readonly #transport: StreamableHTTPClientTransport

  constructor(client: Client, transport: StreamableHTTPClientTransport) {
    this.client = client
    this.#transport = transport
  }

  get sessionId() {
    return this.#transport.sessionId ?? ""
  }

  /** What the tool gives, or what it is refused with. */
  async call(name: string, given: Readonly<Record<string, unknown>> = {}) {
    const { isError = false, structuredContent } = await this.client.callTool({ name, arguments: given })
    // biome-ignore lint/suspicious/noExplicitAny: what a tool gives is looked at member by member.
    return { isError, ...(structuredContent as Record<string, any>) } as Record<string, any>
  }

  leave() {
    return this.#transport.terminateSession()
  }
}

export const HOST_HEADERS = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" }

export const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a test", version: "0" } },
})

export const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })

/** A request to `/mcp`, by hand. */
export function ask(url: string, method: string, headers: Readonly<Record<string, string>>, body?: string) {
  const type = body === undefined ? { Accept: "text/event-stream" } : HOST_HEADERS
  return fetch(`${url}/mcp`, { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body }) })
}

/** The id of a session that is opened by hand: nobody listens to it. */
export async function openSession(url: string, key: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await ask(url, "POST", { ...bearer(key), ...headers }, INITIALIZE)
  await response.text()
  return response.headers.get("Mcp-Session-Id") ?? `none: ${response.status}`
}

/** The stream that a host listens on; `ended` resolves when the server has ended it, and rejects when it was cut. */
export async function listen(
  url: string,
  key: string,
  sessionId: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const leave = new AbortController()
  const response = await fetch(`${url}/mcp`, {
    headers: { Accept: "text/event-stream", ...bearer(key), "Mcp-Session-Id": sessionId, ...headers },
    signal: leave.signal,
  })
  return { status: response.status, ended: response.text(), leave: () => leave.abort() }
}
