import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"

export const MCP_HEADERS = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" }

/** What a host begins with. */
export const INITIALIZE = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "prove", version: "0" } },
})

/** An MCP host at a server's `/mcp`, by the official client. Rejects where it is not let in. */
export async function connectMcp(baseUrl: string, headers: Readonly<Record<string, string>>) {
  const client = new Client({ name: "prove", version: "0" })
  const transport = new StreamableHTTPClientTransport(new URL(`${baseUrl}/mcp`), { requestInit: { headers } })
  await client.connect(transport)
  return { client, sessionId: transport.sessionId ?? "" }
}
