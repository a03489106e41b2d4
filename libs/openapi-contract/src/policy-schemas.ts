import { DecisionSchema, RuleSchema } from "@aegis/policy/schema"
import { ActorSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import { PolicySchema, SessionPolicySchema } from "./schemas.ts"

const version = {
  version: z.int().openapi({ description: "Counts up with every change; 0: there was none ever. Also the `ETag`." }),
  at: z.iso.datetime().optional().openapi({ description: "Since when." }),
  by: ActorSchema.optional(),
}

export const ServedPolicySchema = z
  .object({
    policy: PolicySchema.optional().openapi({ description: "Absent: there is none, and the mode alone decides." }),
    ...version,
    isConfigured: z.boolean().openapi({ description: "The configuration names its file: it is changed there only." }),
  })
  .openapi("ServedPolicy")

export const PolicyWishSchema = z
  .strictObject({ policy: z.union([PolicySchema, z.null()]).openapi({ description: "null: none from now on." }) })
  .openapi("PolicyWish")

export const PolicyVersionsSchema = z
  .object({
    items: z.array(
      z.object({
        ...version,
        changes: z
          .array(
            z.object({
              what: z.enum(["rule", "budget", "default"]),
              name: z.string(),
              change: z.enum(["added", "removed", "changed"]),
            }),
          )
          .openapi({ description: "What is not as it was in the version before." }),
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .openapi("PolicyVersions")

export const SessionPermissionsSchema = z
  .object({
    version: z.int().openapi({ description: "Counts up with every change. Also the `ETag`." }),
    policy: PolicySchema.optional().openapi({ description: "The session's own; absent: none." }),
    mayLoosen: z.boolean().openapi({
      description: "Whether it may allow what the server's policy only asks about: its author has policy.write.",
    }),
    remembered: z
      .array(z.object({ approvalId: z.string(), title: z.string().optional() }))
      .openapi({ description: "The approvals that go for the same call again; titles without secrets." }),
  })
  .openapi("SessionPermissions")

export const SessionPermissionsWishSchema = z
  .strictObject({
    policy: z
      .union([SessionPolicySchema, z.null()])
      .optional()
      .openapi({ description: "null: none. Absent: as it is." }),
    remembered: z
      .array(z.string())
      .max(1000)
      .optional()
      .openapi({ description: "The approvals that are remembered from now on: none but these. Absent: as they are." }),
  })
  .openapi("SessionPermissionsWish")

export const PolicyCheckSchema = z
  .object({
    rules: z.int(),
    findings: z.array(z.object({ type: z.string(), message: z.string() })),
  })
  .openapi("PolicyCheck")

const JudgementSchema = z.object({
  decision: DecisionSchema,
  rule: z.string().openapi({ description: "The rule's id; `policy:default`: none." }),
  reason: z.string(),
})

export const ShadowPolicySchema = z
  .object({
    policy: PolicySchema.optional().openapi({ description: "Absent: none is tried." }),
    ...version,
    requests: z.int().openapi({ description: "How many it was tried on." }),
    outcomes: z.array(
      z.object({
        before: z.enum(DecisionSchema.options).openapi({ description: "What was said." }),
        after: z.enum(DecisionSchema.options).openapi({ description: "What the one on trial would have said." }),
        count: z.int(),
        changed: z.int().openapi({ description: "Of these with another answer: decision, approvers or expiry." }),
        examples: z.array(
          z.object({
            approvalId: z.string().optional().openapi({ description: "Absent: it was a hook that asked." }),
            sessionId: z.string(),
            before: JudgementSchema.pick({ decision: true, rule: true }),
            after: JudgementSchema,
          }),
        ),
      }),
    ),
  })
  .openapi("ShadowPolicy")

export const PolicySimulationSchema = z
  .object({
    requests: z.int().openapi({ description: "How many were judged." }),
    outcomes: z.array(
      z.object({
        before: z.enum(DecisionSchema.options).openapi({ description: "What the server's policy says." }),
        after: z.enum(DecisionSchema.options).openapi({ description: "What the other one says." }),
        count: z.int(),
        changed: z.int().openapi({ description: "Of these with another answer: decision, approvers or expiry." }),
        examples: z.array(
          z.object({
            approvalId: z.string(),
            sessionId: z.string(),
            what: z.string().openapi({ description: "The command, or the paths; without secrets." }),
            before: JudgementSchema,
            after: JudgementSchema,
          }),
        ),
      }),
    ),
  })
  .openapi("PolicySimulation")

export const PolicySuggestionsSchema = z
  .object({
    items: z.array(
      z.object({
        rule: RuleSchema,
        count: z.int().openapi({ description: "How many approvals it would have spared." }),
        examples: z.array(z.string()).openapi({ description: "Ids of some of these." }),
      }),
    ),
  })
  .openapi("PolicySuggestions")
