import { z } from "@hono/zod-openapi"
import { body, defineOperation, writeHeaders as headers, json, KEPT, problems } from "./operation.ts"
import {
  AgentListSchema,
  CreateSseTokenSchema,
  ExchangeCodeSchema,
  HandshakeSchema,
  HandshakeWishSchema,
  HealthSchema,
  LoginCodeSchema,
  LoginSchema,
  OkSchema,
  PrincipalSchema,
  ReasonSchema,
  RefusedHandshakeSchema,
  SseTokenSchema,
  StopAllSchema,
  VersionSchema,
} from "./schemas.ts"

export const getHealth = defineOperation(
  {
    method: "get",
    path: "/v1/health",
    operationId: "getHealth",
    summary: "Whether the server is well",
    description: "Without a credential: status and uptime only.",
    tags: ["System"],
    responses: {
      200: json(HealthSchema, "Status and uptime; with a credential also what stands behind them."),
      ...problems(400),
    },
  },
  { permission: "public", audit: "none", mcp: "server_health" },
)

export const getVersion = defineOperation(
  {
    method: "get",
    path: "/v1/version",
    operationId: "getVersion",
    summary: "The server's version",
    tags: ["System"],
    responses: { 200: json(VersionSchema, "Versions."), ...problems(401) },
  },
  { permission: "any", audit: "none" },
)

export const getOpenApiDocument = defineOperation(
  {
    method: "get",
    path: "/v1/openapi.json",
    operationId: "getOpenApiDocument",
    summary: "This document",
    tags: ["System"],
    responses: { 200: json(z.looseObject({ openapi: z.string() }), "OpenAPI 3.1."), ...problems(401) },
  },
  { permission: "any", audit: "none" },
)

export const listAgents = defineOperation(
  {
    method: "get",
    path: "/v1/agents",
    operationId: "listAgents",
    summary: "The agents that can be asked for",
    tags: ["System"],
    responses: { 200: json(AgentListSchema, "All agents, installed or not."), ...problems(401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

export const stopAll = defineOperation(
  {
    method: "post",
    path: "/v1/stop-all",
    operationId: "stopAll",
    summary: "Stop all work: every turn is interrupted, every queue is held",
    description: "Until it is lifted no prompt goes out and nothing is approved; rejecting and killing work.",
    tags: ["System"],
    request: { headers, body: body(ReasonSchema, { required: false }) },
    responses: {
      200: json(StopAllSchema, "All work is stopped."),
      202: json(StopAllSchema, KEPT),
      ...problems(400, 401, 403, 422),
    },
  },
  { permission: "session.kill", audit: "system.stopped" },
)

export const liftStopAll = defineOperation(
  {
    method: "delete",
    path: "/v1/stop-all",
    operationId: "liftStopAll",
    summary: "Let work go on that was stopped",
    tags: ["System"],
    request: { headers },
    responses: { 200: json(StopAllSchema, "Queues go on."), ...problems(400, 401, 403, 422, 503) },
  },
  { permission: "session.admin", audit: "system.resumed", grants: true },
)

export const createLoginCode = defineOperation(
  {
    method: "post",
    path: "/v1/auth/login-code",
    operationId: "createLoginCode",
    summary: "A link that opens the dashboard, once",
    description: "Whoever opens it within five minutes is signed in as the caller.",
    tags: ["Auth"],
    responses: { 201: json(LoginCodeSchema, "The link."), ...problems(401, 403) },
  },
  { permission: "key.admin", audit: "auth.code_created" },
)

export const exchangeLoginCode = defineOperation(
  {
    method: "post",
    path: "/v1/auth/exchange",
    operationId: "exchangeLoginCode",
    summary: "Turn a one-time login code into a cookie session",
    tags: ["Auth"],
    request: { body: body(ExchangeCodeSchema) },
    responses: { 200: json(LoginSchema, "The cookie is set (HttpOnly, SameSite=Strict)."), ...problems(400, 401, 403) },
  },
  { permission: "public", audit: "auth.login" },
)

export const logout = defineOperation(
  {
    method: "post",
    path: "/v1/auth/logout",
    operationId: "logout",
    summary: "Sign out",
    description:
      "Ends the cookie session for good, with its streams and whatever was made with it. Of a key there is nothing to end here: revoke it.",
    tags: ["Auth"],
    responses: { 200: json(OkSchema, "The cookie is good no longer."), ...problems(401, 503) },
  },
  { permission: "any", audit: "auth.logout" },
)

export const negotiateHandshake = defineOperation(
  {
    method: "post",
    path: "/v1/handshake",
    operationId: "negotiateHandshake",
    summary: "What client and server can rely on with each other",
    tags: ["System"],
    request: { body: body(HandshakeWishSchema) },
    responses: {
      200: json(HandshakeSchema, "They understand each other."),
      409: {
        description: "They do not: the warnings say why.",
        content: { "application/problem+json": { schema: RefusedHandshakeSchema } },
      },
      ...problems(400, 401, 403),
    },
  },
  { permission: "session.read", audit: "none" },
)

export const verifyToken = defineOperation(
  {
    method: "post",
    path: "/v1/auth/verify",
    operationId: "verifyToken",
    summary: "Who one is",
    tags: ["Auth"],
    responses: { 200: json(PrincipalSchema, "The credential's principal."), ...problems(401) },
  },
  { permission: "any", audit: "none" },
)

export const createSseToken = defineOperation(
  {
    method: "post",
    path: "/v1/auth/sse-token",
    operationId: "createSseToken",
    summary: "A short-lived token for event streams",
    description: "Bound to the caller's key, and to one session where one is named.",
    tags: ["Auth"],
    request: { body: body(CreateSseTokenSchema, { required: false }) },
    responses: { 201: json(SseTokenSchema, "The token."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)
