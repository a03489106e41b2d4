import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, problems, writeHeaders } from "./operation.ts"
import { DriverSchema, instant, OkSchema } from "./schemas.ts"
import { sessionParams as params } from "./session-operations.ts"

const tags = ["Sessions"]

const ttlSeconds = z.int().min(1).max(3600).optional()
const fence = z.int().min(1).optional()

const ClaimDriverSchema = z
  .strictObject({
    ttlSeconds: ttlSeconds.openapi({ description: "For how long. Default: 300." }),
    fence: fence.openapi({
      description: "The number under which the caller drives already: keeps it, for so long from now.",
    }),
  })
  .openapi("ClaimDriver")

const ReleaseDriverSchema = z
  .strictObject({ fence: fence.openapi({ description: "The number under which the caller drives." }) })
  .openapi("ReleaseDriver")

const TransferDriverSchema = z
  .strictObject({
    targetKeyId: z.string().min(1).max(100).openapi({ description: "The id of a key that may send here, too." }),
    ttlSeconds: ttlSeconds.openapi({ description: "For how long. Default: until when the caller has it." }),
    fence: fence.openapi({ description: "The number under which the caller drives." }),
  })
  .openapi("TransferDriver")

const ParticipantListSchema = z
  .object({
    items: z.array(
      z
        .object({
          keyId: z.string(),
          userId: z.string().optional().openapi({ description: "Whose key it is, where that was said." }),
          firstAt: instant,
          lastAt: instant,
          prompts: z.int(),
          votes: z.int(),
          answers: z.int(),
        })
        .openapi("Participant"),
    ),
    driver: DriverSchema.optional(),
  })
  .openapi("ParticipantList")

export const claimDriver = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/driver/claim",
    operationId: "claimDriver",
    summary: "Have only this key send to a session, for a time",
    description:
      "While somebody drives, what others send or answer is refused (driver-held); they read, approve and interrupt as ever. Send and answer with the `fence` that is told here: it is refused (fence-stale) as soon as the seat was taken anew, also by another program with the same key.",
    tags,
    request: { headers: writeHeaders, params, body: body(ClaimDriverSchema, { required: false }) },
    responses: { 200: json(DriverSchema, "Who drives now."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "session.send", audit: "driver.claimed", mcp: "acp_claim_driver" },
)

export const releaseDriver = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/driver/release",
    operationId: "releaseDriver",
    summary: "Let everybody send to a session again",
    description: "Fine where nobody drives. From somebody else it is taken away with session.admin.",
    tags,
    request: { headers: writeHeaders, params, body: body(ReleaseDriverSchema, { required: false }) },
    responses: { 200: json(OkSchema, "Nobody drives any more."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "session.send", audit: "driver.released", mcp: "acp_release_driver" },
)

export const transferDriver = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/driver/transfer",
    operationId: "transferDriver",
    summary: "Have another key drive a session",
    tags,
    request: { headers: writeHeaders, params, body: body(TransferDriverSchema) },
    responses: { 200: json(DriverSchema, "Who drives now."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "session.send", audit: "driver.claimed", mcp: "acp_transfer_driver" },
)

export const listParticipants = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/participants",
    operationId: "listParticipants",
    summary: "Who has done something in a session, and who drives it",
    description: "The last 100 of them; who was there first comes first.",
    tags,
    request: { params },
    responses: { 200: json(ParticipantListSchema, "They."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)
