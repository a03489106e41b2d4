import { z } from "@hono/zod-openapi"
import { body, defineOperation, writeHeaders as headers, json, problems } from "./operation.ts"
import {
  ApiKeyListSchema,
  ApiKeySchema,
  CreateApiKeySchema,
  CreatedApiKeySchema,
  OkSchema,
  RotateApiKeySchema,
  UpdateApiKeySchema,
} from "./schemas.ts"

const tags = ["Keys"]
const params = z.object({ id: z.string().openapi({ description: "The key's id." }) })

export const listApiKeys = defineOperation(
  {
    method: "get",
    path: "/v1/auth/keys",
    operationId: "listApiKeys",
    summary: "The keys that are good, newest first",
    tags,
    responses: { 200: json(ApiKeyListSchema, "The keys of the caller's tenant."), ...problems(401, 403) },
  },
  { permission: "key.admin", audit: "none" },
)

export const createApiKey = defineOperation(
  {
    method: "post",
    path: "/v1/auth/keys",
    operationId: "createApiKey",
    summary: "Let a person or a program in",
    description: "A key may do no more than the one who makes it. The same Idempotency-Key makes no second one.",
    tags,
    request: { headers, body: body(CreateApiKeySchema) },
    responses: {
      201: json(CreatedApiKeySchema, "The key, shown this once."),
      ...problems(400, 401, 403, 409, 422, 503),
    },
  },
  { permission: "key.admin", audit: "key.created", grants: true },
)

export const updateApiKey = defineOperation(
  {
    method: "patch",
    path: "/v1/auth/keys/{id}",
    operationId: "updateApiKey",
    summary: "Change what a key may do, its name or its end",
    description: "Its open streams end, and come back with what it may do now.",
    tags,
    request: { params, headers, body: body(UpdateApiKeySchema) },
    responses: { 200: json(ApiKeySchema, "The key."), ...problems(400, 401, 403, 404, 422, 503) },
  },
  { permission: "key.admin", audit: "key.updated", grants: true },
)

export const rotateApiKey = defineOperation(
  {
    method: "post",
    path: "/v1/auth/keys/{id}/rotate",
    operationId: "rotateApiKey",
    summary: "Give a key another secret",
    tags,
    request: { params, headers, body: body(RotateApiKeySchema, { required: false }) },
    responses: {
      200: json(CreatedApiKeySchema, "The key, shown this once."),
      ...problems(400, 401, 403, 404, 422, 503),
    },
  },
  { permission: "key.admin", audit: "key.rotated", grants: true },
)

export const revokeApiKey = defineOperation(
  {
    method: "delete",
    path: "/v1/auth/keys/{id}",
    operationId: "revokeApiKey",
    summary: "End a key for good",
    description: "Its open streams end at once.",
    tags,
    request: { params, headers },
    responses: { 200: json(OkSchema, "It opens nothing any more."), ...problems(400, 401, 403, 404, 422) },
  },
  { permission: "key.admin", audit: "key.revoked" },
)
