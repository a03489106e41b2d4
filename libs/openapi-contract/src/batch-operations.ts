import { BatchCreatedSchema, BatchCreateSchema, BatchKilledSchema, BatchKillQuerySchema } from "./batch-schemas.ts"
import { body, defineOperation, json, KEPT, problems, writeHeaders } from "./operation.ts"

const tags = ["Sessions"]
const path = "/v1/sessions/batch"

export const batchCreateSessions = defineOperation(
  {
    method: "post",
    path,
    operationId: "batchCreateSessions",
    summary: "Create up to 50 sessions at once",
    description:
      "Each is judged, counted and answered by itself; only a request that does not fit as a whole is refused as a whole. Under the same Idempotency-Key those that are there are given again, and those that were refused are tried again.",
    tags,
    request: { headers: writeHeaders, body: body(BatchCreateSchema) },
    responses: {
      200: json(BatchCreatedSchema, "No session was created: each was reused or refused."),
      201: json(BatchCreatedSchema, "At least one session was created."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.create", audit: "session.created", mcp: "batch_create_sessions" },
)

export const batchKillSessions = defineOperation(
  {
    method: "delete",
    path,
    operationId: "batchKillSessions",
    summary: "End up to 50 sessions for good; they stay readable",
    description:
      "Either those that are named, or the newest of those that match and that the credential may end. A request without either ends nothing. They stand in the address, since not every proxy lets a DELETE have a body.",
    tags,
    request: { headers: writeHeaders, query: BatchKillQuerySchema },
    responses: {
      200: json(BatchKilledSchema, "What has become of each."),
      202: json(BatchKilledSchema, KEPT),
      ...problems(400, 401, 403, 422),
    },
  },
  { permission: "session.kill", audit: "session.killed" },
)
