import type { Readable, Writable } from "node:stream"
import type { AegisClient } from "@aegis/client"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { createMcpServer } from "./create-mcp-server.ts"

export interface ServeStdioOptions {
  readonly version: string
  readonly stdin: Readable
  /** Carries the protocol and nothing else. */
  readonly stdout: Writable
}

/** Speaks MCP on the two streams until the first one ends. */
export async function serveStdio(client: AegisClient, { version, stdin, stdout }: ServeStdioOptions): Promise<void> {
  const server = createMcpServer(client, { version })
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close"]) stdin.once(event, () => resolve())
  })
  await server.connect(new StdioServerTransport(stdin, stdout))
  await ended
  await server.close()
}
