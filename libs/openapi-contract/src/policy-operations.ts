import { PolicySchema } from "@aegis/policy/schema"
import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, problems } from "./operation.ts"
import {
  PolicyCheckSchema,
  PolicySimulationSchema,
  PolicySuggestionsSchema,
  ServedPolicySchema,
} from "./policy-schemas.ts"

const tags = ["Policy"]
const instant = z.iso.datetime({ offset: true })

export const getPolicy = defineOperation(
  {
    method: "get",
    path: "/v1/policy",
    operationId: "getPolicy",
    summary: "What agents may do, as the server judges it",
    tags,
    responses: { 200: json(ServedPolicySchema, "The policy."), ...problems(401, 403) },
  },
  { permission: "policy.read", audit: "none" },
)

export const checkPolicy = defineOperation(
  {
    method: "post",
    path: "/v1/policy/check",
    operationId: "checkPolicy",
    summary: "Look for what is wrong in a policy: rules that contradict, or never decide",
    description: "Nothing is changed.",
    tags,
    request: { body: body(z.strictObject({ policy: PolicySchema })) },
    responses: { 200: json(PolicyCheckSchema, "What was found."), ...problems(400, 401, 403, 422) },
  },
  { permission: "policy.read", audit: "none" },
)

export const simulatePolicy = defineOperation(
  {
    method: "post",
    path: "/v1/policy/simulate",
    operationId: "simulatePolicy",
    summary: "What another policy would have said to all that agents have asked for",
    description:
      "Each request of the sessions that the caller may see is judged by the server's policy and by this one; paths are as they lead now. Nothing is changed.",
    tags,
    request: {
      body: body(
        z.strictObject({
          policy: PolicySchema,
          since: instant.optional().openapi({ description: "Only what was asked for after that moment." }),
        }),
      ),
    },
    responses: {
      200: json(PolicySimulationSchema, "How many requests are decided in which way, and examples."),
      ...problems(400, 401, 403, 422),
    },
  },
  { permission: "policy.read", audit: "none" },
)

export const suggestPolicy = defineOperation(
  {
    method: "get",
    path: "/v1/policy/suggestions",
    operationId: "suggestPolicy",
    summary: "Rules that would have allowed what people approved again and again",
    description:
      "Each with the approvals behind it, the best founded first; none touches anything that somebody rejected, and none has a secret in it. A person decides whether it becomes one of the policy's.",
    tags,
    request: {
      query: z.strictObject({
        since: instant.optional().openapi({ description: "Only from what was asked for after that moment." }),
      }),
    },
    responses: { 200: json(PolicySuggestionsSchema, "The rules."), ...problems(400, 401, 403) },
  },
  { permission: "policy.read", audit: "none" },
)
