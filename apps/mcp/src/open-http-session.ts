import type { AegisClient } from "@aegis/client"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js"
import { createMcpServer } from "./create-mcp-server.ts"

export interface OpenHttpSessionOptions {
  readonly version: string
  /** What the host sends as `Mcp-Session-Id` from now on. */
  readonly sessionId: string
  /** Called when the host or `close` has ended it. */
  readonly onClosed: () => void
}

/** One host's session over Streamable HTTP. */
export interface HttpSession {
  /** Answers a request of the host's; its body, where somebody has read it already. */
  answer(request: Request, body?: unknown): Promise<Response>
  /** Ends the stream that the host listens on; what is being answered goes on. */
  endStream(): void
  /** Ends all of it, calls that are being made too; twice is fine. */
  close(): Promise<void>
}

/** Whether a host begins with this body. */
export function isOpening(body: unknown): boolean {
  return isInitializeRequest(body)
}

/** Speaks MCP in answers to HTTP requests. Who may ask, and whose session it is, is the caller's to know. */
export async function openHttpSession(
  client: AegisClient,
  { version, sessionId, onClosed }: OpenHttpSessionOptions,
): Promise<HttpSession> {
  const server = createMcpServer(client, { version })
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => sessionId })
  server.onclose = onClosed
  await server.connect(transport)
  return {
    answer: (request, body) => transport.handleRequest(request, body === undefined ? {} : { parsedBody: body }),
    endStream: () => transport.closeStandaloneSSEStream(),
    close: () => server.close(),
  }
}
