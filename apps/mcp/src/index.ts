export { type CreateMcpServerOptions, createMcpServer } from "./create-mcp-server.ts"
export { type ServeStdioOptions, serveStdio } from "./serve-stdio.ts"
