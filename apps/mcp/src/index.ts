export { type CreateMcpServerOptions, createMcpServer } from "./create-mcp-server.ts"
export { type HttpSession, isOpening, type OpenHttpSessionOptions, openHttpSession } from "./open-http-session.ts"
export { type ServeStdioOptions, serveStdio } from "./serve-stdio.ts"
