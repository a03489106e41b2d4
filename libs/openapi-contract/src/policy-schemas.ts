import { DecisionSchema, PolicySchema, RuleSchema } from "@aegis/policy/schema"
import { z } from "@hono/zod-openapi"

export const ServedPolicySchema = z
  .object({
    policy: PolicySchema.optional().openapi({ description: "Absent: there is none, and the mode alone decides." }),
  })
  .openapi("ServedPolicy")

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
