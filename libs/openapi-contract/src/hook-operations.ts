import { HookEventSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import { HookAnswerSchema, HookPayloadSchema } from "./hook-schemas.ts"
import { body, defineOperation, json, problems } from "./operation.ts"
import { sessionParams } from "./session-operations.ts"

const event = z.object({
  event: z.string().openapi({
    param: { name: "event", in: "path" },
    description: HookEventSchema.options.join(", "),
    example: "Stop",
  }),
})
const secret = z.strictObject({
  secret: z.string().optional().openapi({
    deprecated: true,
    description: "The hook secret, where no header can be set: an address is written down in too many places.",
  }),
})
const run = z.object({
  "X-Aegis-Run": z
    .string()
    .max(100)
    .optional()
    .openapi({ description: "The run of this server's agent that the hook comes from: it is told of on its session." }),
})
const nothing = { description: "It is written down, and there is nothing to answer." } as const
const answers = {
  200: json(HookAnswerSchema, "A rule of the policy says what becomes of the call."),
  204: nothing,
  ...problems(400, 401, 404, 503),
}
const tags = ["Hooks"]
const description =
  "In Claude Code's own format: known fields are checked, others are let pass. Nothing is answered unless a rule of the policy is about the call of a PreToolUse. A session that is driven is judged where it asks, and not here."

export const receiveHook = defineOperation(
  {
    method: "post",
    path: "/v1/hooks/{event}",
    operationId: "receiveHook",
    summary: "Take what a Claude Code tells by a hook",
    description,
    tags,
    request: { params: event, query: secret, headers: run, body: body(HookPayloadSchema) },
    responses: answers,
  },
  { permission: "hook", audit: "hook.received" },
)

export const receiveSessionHook = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/hooks/{event}",
    operationId: "receiveSessionHook",
    summary: "Take a hook of a session that is known",
    description,
    tags,
    request: { params: sessionParams.extend(event.shape), query: secret, body: body(HookPayloadSchema) },
    responses: answers,
  },
  { permission: "hook", audit: "hook.received" },
)
