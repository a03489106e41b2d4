import { z } from "@hono/zod-openapi"
import {
  askedInstant,
  body,
  defineOperation,
  replaceHeaders as headers,
  json,
  pageQuery,
  problems,
} from "./operation.ts"
import {
  PolicyCheckSchema,
  PolicySimulationSchema,
  PolicySuggestionsSchema,
  PolicyVersionsSchema,
  PolicyWishSchema,
  ServedPolicySchema,
  ShadowPolicySchema,
} from "./policy-schemas.ts"
import { PolicySchema } from "./schemas.ts"

const tags = ["Policy"]

export const getPolicy = defineOperation(
  {
    method: "get",
    path: "/v1/policy",
    operationId: "getPolicy",
    summary: "What agents may do, as the server judges it",
    tags,
    request: {
      query: z.strictObject({
        version: z.coerce.number().int().positive().optional().openapi({ description: "As it was in that version." }),
      }),
    },
    responses: { 200: json(ServedPolicySchema, "The policy."), ...problems(400, 401, 403, 404) },
  },
  { permission: "policy.read", audit: "none" },
)

export const updatePolicy = defineOperation(
  {
    method: "put",
    path: "/v1/policy",
    operationId: "updatePolicy",
    summary: "Say what agents may do from now on",
    description:
      "All that is asked for after the answer is judged by it, whatever was running. An agent that keeps rules by itself gets them with its next turn. Not where the configuration names the policy's file, and by whoever runs the server only: it holds for every tenant.",
    tags,
    request: { headers, body: body(PolicyWishSchema) },
    responses: { 200: json(ServedPolicySchema, "The policy."), ...problems(400, 401, 403, 409, 412, 422, 503) },
  },
  { permission: "policy.write", audit: "policy.updated", grants: true },
)

export const listPolicyVersions = defineOperation(
  {
    method: "get",
    path: "/v1/policy/versions",
    operationId: "listPolicyVersions",
    summary: "Who changed the policy, when, and what",
    tags,
    request: { query: pageQuery },
    responses: { 200: json(PolicyVersionsSchema, "The versions, newest first."), ...problems(400, 401, 403) },
  },
  { permission: "policy.read", audit: "none" },
)

export const getShadowPolicy = defineOperation(
  {
    method: "get",
    path: "/v1/policy/shadow",
    operationId: "getShadowPolicy",
    summary: "The policy on trial, and what it would have said since",
    description: "Of the sessions that the caller may see.",
    tags,
    responses: { 200: json(ShadowPolicySchema, "The policy on trial."), ...problems(401, 403) },
  },
  { permission: "policy.read", audit: "none" },
)

export const updateShadowPolicy = defineOperation(
  {
    method: "put",
    path: "/v1/policy/shadow",
    operationId: "updateShadowPolicy",
    summary: "Try a policy: write down what it would say",
    description: "Nothing follows from what it says.",
    tags,
    request: { headers, body: body(PolicyWishSchema) },
    responses: { 200: json(ShadowPolicySchema, "The policy on trial."), ...problems(400, 401, 403, 412, 422, 503) },
  },
  { permission: "policy.write", audit: "policy.shadow_updated" },
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
          since: askedInstant.optional().openapi({ description: "Only what was asked for after that moment." }),
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
        since: askedInstant.optional().openapi({ description: "Only from what was asked for after that moment." }),
      }),
    },
    responses: { 200: json(PolicySuggestionsSchema, "The rules."), ...problems(400, 401, 403) },
  },
  { permission: "policy.read", audit: "none" },
)
