import { z } from "@hono/zod-openapi"
import { defineOperation, json, pageLimit, problems } from "./operation.ts"
import { EventListSchema, EventSchema } from "./schemas.ts"
import { sessionParams } from "./session-operations.ts"

const tags = ["Events"]
const cursor = z.coerce.number().int().min(0)

const logQuery = z.strictObject({
  after: cursor.optional().openapi({ description: "Events with a greater seq, oldest first." }),
  before: cursor.optional().openapi({ description: "Events with a smaller seq; without `after`: newest first." }),
  limit: pageLimit,
})

// A stream's cursor is checked by the stream itself, since it may come as a header too.
const streamQuery = z.strictObject({ after: z.string().optional(), token: z.string().optional() })
const stream = {
  description: "Events as they are committed.",
  content: { "text/event-stream": { schema: EventSchema } },
} as const

export const listSessionEvents = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/log",
    operationId: "listSessionEvents",
    summary: "A session's events as pages",
    tags,
    request: { params: sessionParams, query: logQuery },
    responses: { 200: json(EventListSchema, "A page of events."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const listEvents = defineOperation(
  {
    method: "get",
    path: "/v1/log",
    operationId: "listEvents",
    summary: "All events as pages",
    tags,
    request: { query: logQuery },
    responses: { 200: json(EventListSchema, "A page of events."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none" },
)

export const subscribeSessionEvents = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/events",
    operationId: "subscribeSessionEvents",
    summary: "A session's events as a stream (SSE)",
    description:
      "Resumes after `Last-Event-ID` or `after`: replay, then live, without gap or repeat. Takes a stream token.",
    tags,
    request: { params: sessionParams, query: streamQuery },
    responses: { 200: stream, ...problems(400, 401, 404) },
  },
  { permission: "stream", audit: "none" },
)

export const subscribeEvents = defineOperation(
  {
    method: "get",
    path: "/v1/events",
    operationId: "subscribeEvents",
    summary: "All events as a stream (SSE)",
    description:
      "Resumes after `Last-Event-ID` or `after`: replay, then live, without gap or repeat. Takes a stream token.",
    tags,
    request: { query: streamQuery },
    responses: { 200: stream, ...problems(400, 401) },
  },
  { permission: "stream", audit: "none" },
)
