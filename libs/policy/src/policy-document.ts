import { z } from "zod"
import { DurationSchema } from "./duration.ts"
import { commandPatternProblem, pathPatternProblem, textPatternProblem } from "./pattern-problem.ts"
import { TimeWindowSchema } from "./time-window.ts"
import { PermissionModeSchema, RoleSchema } from "./words.ts"

/** ACP's tool kinds. A rule names these and no others, so that a slip of the pen is no rule that never matches. */
export const ToolKindSchema = z.enum([
  "read",
  "edit",
  "delete",
  "move",
  "search",
  "execute",
  "think",
  "fetch",
  "switch_mode",
  "other",
])
export type ToolKind = z.infer<typeof ToolKindSchema>

const TextPatternSchema = patternOf(textPatternProblem)

/** What a rule is about. Every field that is there has to match; of a list, one is enough. */
export const RuleMatchSchema = z.strictObject({
  tool: oneOrMore(TextPatternSchema).optional(),
  kind: oneOrMore(ToolKindSchema).optional(),
  path: oneOrMore(patternOf(pathPatternProblem)).optional(),
  command: oneOrMore(patternOf(commandPatternProblem)).optional(),
  host: oneOrMore(TextPatternSchema).optional(),
  mode: oneOrMore(PermissionModeSchema).optional(),
  agent: oneOrMore(TextPatternSchema).optional(),
  labels: z.record(z.string().min(1), oneOrMore(TextPatternSchema)).optional(),
  owner: oneOrMore(TextPatternSchema).optional(),
  time: TimeWindowSchema.optional(),
})
export type RuleMatch = z.infer<typeof RuleMatchSchema>

/** Who has to approve. Roles that can never approve are not to be named. */
export const ApproversSchema = z.strictObject({
  count: z.int().min(1).max(10).default(1),
  roles: z
    .array(RoleSchema.exclude(["viewer", "agent"]))
    .min(1)
    .optional(),
  notRequester: z.boolean().default(false),
})
export type Approvers = z.infer<typeof ApproversSchema>

const ruleHead = {
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, "An id is made of a-z, 0-9, dot, dash and underscore."),
  match: RuleMatchSchema,
  reason: z.string().min(1).max(1000).optional(),
}
const subjects = ["tool", "kind", "path", "command", "host"] as const

export const RuleSchema = z.discriminatedUnion("decision", [
  z.strictObject({
    ...ruleHead,
    decision: z.literal("allow"),
    match: RuleMatchSchema.refine((match) => subjects.some((field) => match[field] !== undefined), {
      message: `A rule that allows says what: one of ${subjects.join(", ")}.`,
    }),
  }),
  z.strictObject({ ...ruleHead, decision: z.literal("deny") }),
  z.strictObject({
    ...ruleHead,
    decision: z.literal("ask"),
    approvers: ApproversSchema.optional(),
    expiresAfter: DurationSchema.optional(),
  }),
])
export type Rule = z.infer<typeof RuleSchema>

/** To the millionth of a dollar, and far from what a number cannot hold. */
const usd = z.number().min(0.000001).max(1e9)
const tokens = z.int().positive().max(1e12)

/** A limit on money or tokens: of each session, of everything, or of all that one key, owner, template or agent does. */
export const BudgetSchema = z
  .strictObject({
    scope: z
      .string()
      .regex(/^(session|server|(key|owner|template|agent):[\s\S]+)$/, "Write session, server or key:<name>."),
    usd: usd.optional(),
    tokens: tokens.optional(),
    /** Of the calendar in UTC; absent: for good. */
    per: z.enum(["hour", "day", "week", "month"]).optional(),
    /** What a turn is taken to cost before it begins; absent: the mean of the session's last ones. */
    estimate: z.strictObject({ usd: usd.optional(), tokens: tokens.optional() }).optional(),
    /** What one turn may cost, as far as its agent tells it on the way. */
    maxTurnUsd: usd.optional(),
  })
  .refine(({ usd, tokens }) => usd !== undefined || tokens !== undefined, "A budget limits usd, tokens or both.")
export type Budget = z.infer<typeof BudgetSchema>

/**
 * A policy document (spec/policy.md). Unknown keys are refused, and so are patterns that would not mean what they look
 * like. A default is never `allow`: what no rule knows is not allowed.
 */
export const PolicySchema = z.strictObject({
  version: z.literal(1),
  defaults: z.strictObject({ decision: z.enum(["ask", "deny"]) }).optional(),
  rules: z
    .array(RuleSchema)
    .max(1000)
    .superRefine(
      refuseSecond(
        ({ id }) => id,
        ({ id }) => ({ path: ["id"], message: `The id ${id} is used twice.` }),
      ),
    )
    .default([]),
  // Two for the same would be one limit with two names.
  budgets: z
    .array(BudgetSchema)
    .max(1000)
    .superRefine(
      refuseSecond(
        ({ scope, per = "" }) => JSON.stringify([scope, per]),
        ({ scope }) => ({ path: [], message: `There is a budget for ${scope} already; write one.` }),
      ),
    )
    .default([]),
})
export type Policy = z.infer<typeof PolicySchema>

function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).min(1).max(100)])
}

function patternOf(problemOf: (pattern: string) => string | undefined) {
  return z.string().superRefine((pattern, context) => {
    const problem = problemOf(pattern)
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem })
  })
}

/** An item whose name another one had before is a problem. */
function refuseSecond<Item>(
  nameOf: (item: Item) => string,
  problemOf: (item: Item) => { readonly path: string[]; readonly message: string },
) {
  return (items: readonly Item[], context: z.RefinementCtx) => {
    const seen = new Set<string>()
    for (const [index, item] of items.entries()) {
      const name = nameOf(item)
      const { path, message } = problemOf(item)
      if (seen.has(name)) context.addIssue({ code: "custom", path: [index, ...path], message })
      seen.add(name)
    }
  }
}
