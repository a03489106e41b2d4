import { OpenAPIHono } from "@hono/zod-openapi"
import { operations } from "./operations.ts"
import { EventDataSchema } from "./schemas.ts"

/** The OpenAPI 3.1 document of the contract. */
export function toDocument(version: string): ReturnType<OpenAPIHono["getOpenAPI31Document"]> {
  const { openAPIRegistry, getOpenAPI31Document } = withOperations()
  // No operation names it: an event of a type that is not known here is an event all the same.
  openAPIRegistry.register("EventData", EventDataSchema)
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "An API key or the local token.",
  })
  openAPIRegistry.registerComponent("securitySchemes", "cookie", {
    type: "apiKey",
    in: "cookie",
    name: "aegis_session",
    description: "A dashboard's session; `__Host-aegis_session` behind TLS.",
  })
  openAPIRegistry.registerComponent("securitySchemes", "pageToken", {
    type: "apiKey",
    in: "header",
    name: "X-Aegis-Page-Token",
    description: "The other half of a dashboard's session, from exchangeLoginCode.",
  })
  openAPIRegistry.registerComponent("securitySchemes", "streamToken", {
    type: "http",
    scheme: "bearer",
    description: "A stream token (sse_…).",
  })
  openAPIRegistry.registerComponent("securitySchemes", "streamQuery", {
    type: "apiKey",
    in: "query",
    name: "token",
    description: "A stream token, where no header can be set.",
  })
  openAPIRegistry.registerComponent("securitySchemes", "hookSecret", {
    type: "apiKey",
    in: "header",
    name: "X-Hook-Secret",
    description: "The secret of hooks: it takes what they tell, and nothing else.",
  })
  openAPIRegistry.registerComponent("securitySchemes", "hookQuery", {
    type: "apiKey",
    in: "query",
    name: "secret",
    description: "The same, deprecated: refused where hooks.headerOnly is set.",
  })
  return getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Aegis",
      version,
      description: "Coding agents as durable sessions: prompts, approvals, events.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "http://127.0.0.1:9100", description: "This machine" }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  })
}

const tags = {
  System: "The server itself: how it does, what it can, and the stop of all work.",
  Auth: "Coming in: links that open the dashboard, tokens of streams, signing out.",
  Keys: "What others come in with.",
  Sessions: "Agents at work: begin them, speak to them, end them.",
  Approvals: "What agents ask for, and who decides.",
  Transcript: "What was said and done.",
  Events: "All that happens, as it happens or page by page.",
  Pipelines: "Work in stages.",
  Routines: "Work by the clock.",
  Templates: "What sessions are begun with.",
  Memory: "What agents and people keep under keys.",
  Policy: "What agents may do.",
  Metrics: "What was done and spent, in numbers.",
  Audit: "Who wished, decided and did what, and the proof of it.",
  Hooks: "What a Claude Code tells that somebody starts by hand.",
}

function withOperations() {
  const app = new OpenAPIHono()
  for (const operation of Object.values(operations)) app.openAPIRegistry.registerPath(operation)
  return app
}
