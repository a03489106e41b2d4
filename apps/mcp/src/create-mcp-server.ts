import { type AegisClient, AegisProblem } from "@aegis/client"
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js"
import { createTools, ToolArgumentError } from "./tool.ts"

export interface CreateMcpServerOptions {
  readonly version: string
}

/** The MCP side of a server of ours: each tool is one call of the client. Connect it to a transport. */
export function createMcpServer(client: AegisClient, { version }: CreateMcpServerOptions): Server {
  const tools = createTools()
  const server = new Server({ name: "aegis", title: "Aegis", version }, { capabilities: { tools: {} }, instructions })
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...tools.values()].map(({ name, title, description, inputSchema, annotations }) => ({
      name,
      title,
      description,
      inputSchema,
      annotations,
    })),
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const tool = tools.get(params.name)
    if (!tool)
      throw new McpError(
        ErrorCode.InvalidParams,
        `There is no tool ${params.name}. There are: ${[...tools.keys()].join(", ")}.`,
      )
    try {
      return toResult(await tool.call(client, params.arguments, signal))
    } catch (error) {
      return toFailure(error)
    }
  })
  return server
}

const instructions =
  "Coding agents as durable sessions. create_session starts one on a folder; get_status says what it waits for; approve_permission and reject_permission decide what it asked for: read what would run before you approve it. get_transcript has what was said and done."

// The same object twice: for programs, and as text for models whose host shows them nothing else.
function toResult(result: object): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(result) }], structuredContent: { ...result } }
}

/** A refusal is a result: the model reads it and does better. What is nobody's fault but ours stays an error. */
function toFailure(error: unknown): CallToolResult {
  if (error instanceof ToolArgumentError) return { isError: true, content: [{ type: "text", text: error.message }] }
  if (!AegisProblem.is(error)) throw error
  const { code, status, message } = error
  return {
    isError: true,
    content: [{ type: "text", text: `${code}: ${message}` }],
    structuredContent: { code, status, message },
  }
}
