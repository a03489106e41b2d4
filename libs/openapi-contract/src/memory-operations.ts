import { z } from "@hono/zod-openapi"
import { MemoryEntrySchema, MemoryListSchema, SetMemorySchema } from "./memory-schemas.ts"
import { body, defineOperation, replaceHeaders as headers, json, pageLimit, problems } from "./operation.ts"
import { OkSchema } from "./schemas.ts"

const tags = ["Memory"]
const params = z.object({
  key: z.string().openapi({
    description: "The whole key, `namespace/name`; its slashes may stay as they are.",
    example: "project/conventions",
  }),
})

export const setMemory = defineOperation(
  {
    method: "post",
    path: "/v1/memory",
    operationId: "setMemory",
    summary: "Keep a text under a key",
    description:
      "All of the tenant share it, agents too; where `sharing` is `owner`, each user has a memory of their own.",
    tags,
    request: { headers, body: body(SetMemorySchema) },
    responses: { 200: json(MemoryEntrySchema, "It is kept."), ...problems(400, 401, 403, 409, 412, 422, 503) },
  },
  { permission: "memory.write", audit: "memory.set", mcp: "state_set" },
)

export const listMemory = defineOperation(
  {
    method: "get",
    path: "/v1/memory",
    operationId: "listMemory",
    summary: "What is kept, by key",
    description: "In the order of the keys. A page also ends where its values have a million characters.",
    tags,
    request: {
      query: z.strictObject({
        prefix: z.string().max(256).optional().openapi({ description: "Of the keys.", example: "project/" }),
        limit: pageLimit,
        after: z.string().max(256).optional().openapi({ description: "`nextCursor` of the page before." }),
      }),
    },
    responses: { 200: json(MemoryListSchema, "A page of entries."), ...problems(400, 401, 403) },
  },
  { permission: "memory.read", audit: "none" },
)

export const getMemory = defineOperation(
  {
    method: "get",
    path: "/v1/memory/{key}",
    operationId: "getMemory",
    summary: "What is kept under a key",
    tags,
    request: { params },
    responses: { 200: json(MemoryEntrySchema, "The entry."), ...problems(401, 403, 404) },
  },
  { permission: "memory.read", audit: "none", mcp: "state_get" },
)

export const deleteMemory = defineOperation(
  {
    method: "delete",
    path: "/v1/memory/{key}",
    operationId: "deleteMemory",
    summary: "Forget what is kept under a key",
    tags,
    request: { params, headers },
    responses: { 200: json(OkSchema, "It is gone."), ...problems(400, 401, 403, 404, 412, 422, 503) },
  },
  { permission: "memory.write", audit: "memory.deleted", mcp: "state_delete" },
)
