import { PermissionModeSchema, PermissionSchema, PolicySchema as PolicyShape, RoleSchema } from "@aegis/policy/schema"
import {
  ActorSchema,
  BoundFileSchema,
  EnvelopeSchema,
  eventData,
  SessionStatusSchema,
  ToolCallSchema,
} from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import { ProblemSchema } from "./problem.ts"

// The wire's objects (spec/rest.md, Wire facts). An operation accepts only the fields that it honours.

export const instant = z.iso.datetime()
/** Only where the log cannot be written. */
const durable = z.literal("emergency").optional()
const labels = z.record(z.string().min(1).max(100), z.string().max(200))

const StopSchema = z
  .object({ at: instant, by: z.object(ActorSchema.shape), reason: z.string() })
  .openapi("Stop", { description: "All work is stopped: who did it, when and why." })

const ExcessSchema = z.object(eventData["budget.exceeded"].omit({ turnId: true }).shape).openapi("Excess", {
  description:
    "A budget has no room for the next prompt: which one, how much it allows, and what of that is taken. Money (`cost`) is in millionths of a US dollar. `measure` is what is used up, `granted` what was allowed beyond the limit, `reserved` what is kept for turns that run, `needed` what the next turn is taken to need; `until`: when it is there again by itself.",
})

/** Answers of what stops all work, and lets it go on. */
export const StopAllSchema = z.object({ stopped: z.boolean(), stop: StopSchema.optional(), durable }).openapi("StopAll")

export const HandshakeWishSchema = z
  .strictObject({
    protocolVersion: z.union([z.string().max(20), z.number()]).openapi({
      description: "The protocol that the client speaks: a whole number.",
      example: "1",
    }),
    clientCapabilities: z
      .array(z.string().max(100))
      .max(200)
      .optional()
      .openapi({ description: "What it wants to rely on.", example: ["session.create", "session.transcript.cursor"] }),
    clientVersion: z.string().max(100).optional().openapi({ description: "Of the client itself.", example: "1.0.0" }),
  })
  .openapi("HandshakeWish")

export const HandshakeSchema = z
  .object({
    protocolVersion: z.string().openapi({ description: "The protocol that the server speaks." }),
    serverCapabilities: z.array(z.string()),
    negotiatedCapabilities: z.array(z.string()).openapi({ description: "What both have." }),
    warnings: z.array(z.string()),
    compatible: z.boolean(),
  })
  .openapi("Handshake")

export const RefusedHandshakeSchema = ProblemSchema.extend(HandshakeSchema.shape).openapi("RefusedHandshake")

const keyTerms = {
  name: z.string().min(1).max(200).openapi({ example: "CI of the website" }),
  role: RoleSchema,
  permissions: z
    .array(PermissionSchema)
    .max(100)
    .optional()
    .openapi({ description: "Of the role `custom`, and of no other." }),
}
const userId = z.string().regex(/^[\w.@+-]{1,100}$/, "1 to 100 letters, digits and . _ @ + -")

export const ApiKeySchema = z
  .object({
    id: z.string(),
    ...keyTerms,
    userId: z.string(),
    tenantId: z.string(),
    createdAt: instant,
    expiresAt: instant.optional(),
    previousUntil: instant
      .optional()
      .openapi({ description: "It was rotated, and the secret before is good until then." }),
  })
  .openapi("ApiKey")

export const ApiKeyListSchema = z.object({ items: z.array(ApiKeySchema) }).openapi("ApiKeyList")

export const CreatedApiKeySchema = ApiKeySchema.extend({
  key: z.string().optional().openapi({
    description: "The key itself: not kept, and not shown again, not for the same Idempotency-Key either.",
  }),
}).openapi("CreatedApiKey")

export const CreateApiKeySchema = z
  .strictObject({
    ...keyTerms,
    userId: userId.optional().openapi({ description: "For whom it acts; absent: for the caller." }),
    tenantId: userId
      .optional()
      .openapi({ description: "Absent: the caller's. Another one only with the local token." }),
    expiresAt: instant.optional(),
  })
  .openapi("CreateApiKey")

export const UpdateApiKeySchema = z
  .strictObject({
    name: keyTerms.name.optional(),
    role: keyTerms.role.optional(),
    permissions: keyTerms.permissions,
    expiresAt: instant.nullable().optional().openapi({ description: "null: it does not end by itself." }),
  })
  .openapi("UpdateApiKey")

export const RotateApiKeySchema = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(7 * 24 * 3600)
      .optional()
      .openapi({ description: "How long the secret before stays good. Default: not at all." }),
  })
  .openapi("RotateApiKey")

export const DriverSchema = z
  .object({
    keyId: z.string().openapi({ description: "The id of the key that alone may send." }),
    fence: z.int().openapi({ description: "Counts the times that the seat was taken: goes with what is sent." }),
    expiresAt: instant,
  })
  .openapi("Driver")

/** By their ids. */
export const OptionsSchema = z.record(z.string().min(1).max(100), z.union([z.string().max(200), z.boolean()]))

export const SessionSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: SessionStatusSchema,
    workDir: z.string(),
    permissionMode: PermissionModeSchema,
    agent: z.string(),
    model: z.string().optional(),
    options: OptionsSchema.optional().openapi({
      description: "What else of its agent's options is set, by their ids; `effort` is the one about that.",
    }),
    createdAt: instant,
    lastActivity: instant,
    owner: z.string(),
    parentId: z.uuid().optional().openapi({ description: "The session that it is a child of." }),
    forkedFrom: z.uuid().optional().openapi({ description: "The session that it goes on from." }),
    template: z
      .object({ id: z.string(), version: z.int() })
      .optional()
      .openapi({ description: "What it was begun with, as it was in that version." }),
    pipeline: z
      .object({ id: z.uuid(), stage: z.string(), attempt: z.int() })
      .optional()
      .openapi({ description: "The stage of a pipeline that it is for, and which try of it." }),
    routine: z
      .object({ id: z.uuid(), run: z.int() })
      .optional()
      .openapi({ description: "The routine that has begun it, and which run of it it is." }),
    labels,
    version: z.int().openapi({
      description: "Counts what its name, labels, mode and options have been; the `ETag` has it too.",
    }),
    pendingApprovals: z.int(),
    pendingQuestion: z
      .object({ questionId: z.string(), message: z.string(), schema: z.record(z.string(), z.unknown()) })
      .optional(),
    queuedPrompts: z.int(),
    driver: DriverSchema.optional().openapi({ description: "Somebody drives it: only they may send." }),
    paused: z.boolean().openapi({ description: "No prompt goes out until it is resumed." }),
    parked: z.boolean().openapi({ description: "Its process is saved; the next prompt starts one again." }),
    waiting: z
      .object({ since: instant, limit: z.int() })
      .optional()
      .openapi({ description: "It wants a process, and as many run as may run at once." }),
    stop: StopSchema.optional(),
    exceeded: ExcessSchema.optional(),
    health: z
      .object({ stalled: z.boolean() })
      .openapi({ description: "stalled: it works, and its agent has been silent for long." }),
    turnId: z.string().optional(),
    usage: z
      .object({ used: z.number(), size: z.number() })
      .optional()
      .openapi({ description: "Tokens of context used, and its size." }),
    cost: z.int().openapi({ description: "Millionths of a US dollar." }),
    failure: z.object({ code: z.string(), message: z.string() }).optional(),
    seq: z.int().openapi({ description: "The session's last event." }),
    hash: z
      .string()
      .openapi({ description: "Rolling hash up to that event: a reader with the same two has everything." }),
    durable,
  })
  .openapi("Session")

export const SessionHealthSchema = z
  .object({
    status: SessionStatusSchema,
    healthy: z.boolean().openapi({ description: "Whether it goes on, or can, without anybody's help." }),
    lastActivity: instant,
    agent: z.object({
      name: z.string(),
      running: z.boolean().openapi({ description: "There is a process." }),
      parked: z.boolean(),
      crashes: z.int().openapi({ description: "How often it has died in a row." }),
      restartAt: instant.optional().openapi({ description: "When it is started again by itself." }),
    }),
    hints: z
      .array(
        z.object({
          code: z.string(),
          message: z.string().openapi({ description: "What is the matter, and what to do." }),
          needsHelp: z.boolean().openapi({ description: "Nothing happens before somebody does something." }),
          operations: z.array(z.string()).openapi({ description: "What to do it with, by operationId." }),
        }),
      )
      .openapi({ description: "What matters most first." }),
  })
  .openapi("SessionHealth")

export const CommandListSchema = z
  .object({
    commands: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        hint: z.string().optional().openapi({ description: "What to say behind it." }),
      }),
    ),
  })
  .openapi("CommandList")

export const SessionListItemSchema = SessionSchema.pick({
  id: true,
  name: true,
  status: true,
  workDir: true,
  permissionMode: true,
  agent: true,
  createdAt: true,
  lastActivity: true,
  owner: true,
  parentId: true,
  labels: true,
  pendingApprovals: true,
  seq: true,
}).openapi("SessionListItem")

export const SetModeSchema = z.strictObject({ permissionMode: PermissionModeSchema }).openapi("SetMode")

export const SetOptionsSchema = z
  .strictObject({
    options: OptionsSchema.refine((options) => Object.keys(options).length <= 50, "50 options at most.").openapi({
      description: "All that are set from now on: what is not named is as its agent has it by itself.",
      example: { model: "demo-large", effort: "high" },
    }),
  })
  .openapi("SetOptions")

export const SessionOptionsSchema = z
  .object({
    options: OptionsSchema.openapi({ description: "What is set." }),
    offered: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          description: z.string().optional(),
          category: z.string().optional().openapi({ description: "model, thought_level or another." }),
          type: z.string().openapi({ description: "select or boolean." }),
          current: z.union([z.string(), z.boolean()]).optional(),
          choices: z.array(
            z.object({
              value: z.string(),
              name: z.string(),
              description: z.string().optional(),
              group: z.string().optional(),
            }),
          ),
        }),
      )
      .optional()
      .openapi({ description: "As its agent has told last; absent until it has." }),
  })
  .openapi("SessionOptions")

export const SessionListSchema = z
  .object({ items: z.array(SessionListItemSchema), nextCursor: z.string().optional() })
  .openapi("SessionList")

const PromptDeliverySchema = z
  .object({
    delivered: z.boolean().openapi({ description: "Whether the agent has the prompt; durable it is in any case." }),
    attempts: z.int(),
    turnId: z.string().openapi({ description: "The prompt's turn: its events carry it." }),
    status: z.enum(["delivered", "pending"]),
    error: z.string().optional(),
  })
  .openapi("PromptDelivery")

/** Named in the document, so that it stands there once. A copy: what was made before `z` got its names has none. */
export const PolicySchema = PolicyShape.clone().openapi("Policy")

/** A session's own rules: budgets are the server's. */
export const SessionPolicySchema = PolicySchema.refine(({ budgets }) => budgets.length === 0, {
  message: "Budgets belong into the server's policy.",
  path: ["budgets"],
}).openapi("SessionPolicy", {
  description:
    "Holds in this session besides the server's policy. It tightens; what is only asked about it allows where its author has policy.write.",
})

const sessionName = z.string().min(1).max(200)

/** What a session is begun with, here or by a template. */
export const begunWith = {
  workDir: z.string().min(1).max(4096),
  prompt: z.string().min(1).max(100_000),
  agent: z.string().min(1).max(100).optional(),
  permissionMode: PermissionModeSchema.optional(),
  model: z.string().min(1).max(200).optional(),
  effort: z.string().min(1).max(200).optional().openapi({
    description: "How much its agent thinks, in the agent's own words, as it offers them.",
    example: "high",
  }),
  labels: labels.optional(),
}

export const CreateSessionSchema = z
  .strictObject({
    workDir: begunWith.workDir.optional().openapi({
      description: "Where it works; it may be absent where a template says so.",
      example: "/home/user/project",
    }),
    prompt: begunWith.prompt.optional(),
    template: z.string().min(1).max(100).optional().openapi({
      description:
        "The id of a template that it is begun with. What is said here besides takes the place of the template's.",
    }),
    variables: z
      .record(z.string().max(64), z.string().max(100_000))
      .optional()
      .openapi({ description: "What the template leaves open." }),
    name: sessionName.optional(),
    agent: begunWith.agent,
    permissionMode: begunWith.permissionMode,
    model: begunWith.model,
    effort: begunWith.effort,
    labels: begunWith.labels,
    policy: SessionPolicySchema.optional(),
    parentId: z.uuid().optional().openapi({
      description:
        "The session that it is to be a child of: a child has its parent's labels, works in its folder and asks no less. What an agent begins is its own session's child in any case.",
    }),
    reuse: z.boolean().optional(),
  })
  .refine(({ workDir, template }) => workDir !== undefined || template !== undefined, {
    message: "Say where it is to work.",
    path: ["workDir"],
  })
  .refine(({ variables, template }) => variables === undefined || template !== undefined, {
    message: "Variables are a template's: name it.",
    path: ["variables"],
  })
  .openapi("CreateSession")

export const CreatedSessionSchema = SessionSchema.extend({
  reused: z.boolean(),
  promptDelivery: PromptDeliverySchema.optional(),
}).openapi("CreatedSession")

export const UpdateSessionSchema = z
  .strictObject({
    name: sessionName.optional(),
    labels: begunWith.labels.openapi({ description: "All that it has from now on." }),
  })
  .refine(({ name, labels }) => name !== undefined || labels !== undefined, {
    message: "Say what is to be another: the name, the labels, or both.",
  })
  .openapi("UpdateSession")

const ContentSchema = z
  .array(z.looseObject({ type: z.string() }))
  .min(1)
  .max(100)

const fence = z.int().min(1).optional().openapi({
  description: "The number under which the caller drives the session: refused where it is another by now.",
})

export const SendMessageSchema = z
  .strictObject({
    text: z.string().min(1).max(100_000).optional(),
    content: ContentSchema.optional(),
    whenBusy: z.enum(["queue", "interrupt", "reject"]).optional(),
    retryTurn: z.boolean().optional().openapi({
      description:
        "Whether the agent gets it once more when it dies in the middle of it. What it has done by then it may do twice.",
    }),
    fence,
  })
  .refine((value) => (value.text === undefined) !== (value.content === undefined), {
    message: "Give either text or content.",
  })
  .openapi("SendMessage")

export const SendCommandSchema = z
  .strictObject({
    command: z
      .string()
      .max(100_000)
      .regex(/^\/?[^\s/]/, "The name of a command first")
      .openapi({ description: "With what is said behind it; the slash may be absent.", example: "/review main" }),
    whenBusy: z.enum(["queue", "interrupt", "reject"]).optional(),
    fence,
  })
  .openapi("SendCommand")

export const SentMessageSchema = z
  .object({
    ok: z.boolean(),
    delivered: z.boolean(),
    queued: z.boolean(),
    turnId: z.string(),
    attempts: z.int(),
    stop: StopSchema.optional(),
    exceeded: ExcessSchema.optional(),
  })
  .openapi("SentMessage")

export const ReasonSchema = z.strictObject({ reason: z.string().min(1).max(1000).optional() }).openapi("Reason")

export const ExtendBudgetSchema = z
  .strictObject({
    usd: z.number().min(0.000001).max(1_000_000_000).optional().openapi({ description: "US dollars.", example: 5 }),
    tokens: z.int().min(1).max(1_000_000_000_000).optional(),
    account: z.string().min(1).max(1000).optional().openapi({
      description: "Which of the session's budgets, by the name that `exceeded` has; absent: the one that holds it.",
      example: "server per day",
    }),
    reason: z.string().min(1).max(1000).optional(),
  })
  .refine(({ usd, tokens }) => usd !== undefined || tokens !== undefined, { message: "Give usd, tokens or both." })
  .openapi("ExtendBudget")

const vote = {
  approvalId: z.string().optional(),
  digest: z.string().optional(),
  optionId: z.string().optional(),
  reason: z.string().max(2000).optional(),
}
export const VoteSchema = z.strictObject(vote).openapi("Vote")

export const ApproveSchema = z
  .strictObject({
    ...vote,
    remember: z.boolean().optional().openapi({
      description:
        "Whether the same call, leading to the same, is allowed in this session from now on. Not where a rule asks or certain people are needed (not-rememberable).",
    }),
  })
  .openapi("Approve")

export const AnswerSchema = z
  .strictObject({
    questionId: z.string().optional(),
    action: z.enum(["accept", "decline"]).optional().openapi({ description: "accept when absent" }),
    content: z.record(z.string(), z.unknown()).optional(),
    fence,
  })
  .openapi("Answer")

export const ApprovalStatusSchema = z.enum(["open", "approved", "rejected", "withdrawn", "expired"])

export const ApprovalSchema = z
  .object({
    approvalId: z.string(),
    sessionId: z.string(),
    turnId: z.string().nullable(),
    seq: z.int(),
    status: ApprovalStatusSchema,
    delivery: z.enum(["none", "pending", "delivered", "impossible"]),
    tool: z.object(ToolCallSchema.shape).openapi("ToolCall"),
    options: z.array(z.object({ optionId: z.string(), name: z.string(), kind: z.string() })),
    digest: z.string().openapi({ description: "SHA-256 of the canonical (RFC 8785) tool call." }),
    files: z.array(BoundFileSchema).nullable().openapi({
      description:
        "What the call leads to. When it has changed by the time of an approval, that is refused (approval-changed), and the call is asked about anew.",
    }),
    requestedAt: instant,
    askedBy: z.string().nullable().openapi({
      description: "The rule that wants a person to be asked; null: nothing decides it without one.",
    }),
    required: z.int().openapi({ description: "How many persons have to approve; a single no rejects." }),
    roles: z
      .array(z.string())
      .nullable()
      .openapi({ description: "Whose approval counts; null: of anybody who may approve." }),
    excludedVoter: z
      .string()
      .nullable()
      .openapi({ description: "The person who asked for the work, whose approval does not count." }),
    expiresAt: instant.nullable().openapi({ description: "From then on nobody can approve it any more." }),
    votes: z.array(
      z.object({
        voter: z.string(),
        choice: z.enum(["approve", "reject"]),
        reason: z.string().nullable(),
        actor: z.object({ kind: z.string(), id: z.string(), via: z.string() }),
        at: instant,
      }),
    ),
    decidedAt: instant.nullable(),
    decidedBy: z.object({ kind: z.string(), id: z.string(), via: z.string() }).nullable(),
    rule: z.string().nullable(),
    reason: z.string().nullable(),
    durable,
  })
  .openapi("Approval")

export const ApprovalListSchema = z.object({ items: z.array(ApprovalSchema) }).openapi("ApprovalList")

export const ApprovalPageSchema = ApprovalListSchema.extend({ nextCursor: z.string().optional() }).openapi(
  "ApprovalPage",
)

export const OkSchema = z.object({ ok: z.literal(true) }).openapi("Ok")

const TranscriptMessageSchema = z
  .object({
    id: z.int().openapi({ description: "The seq of the message's first event: it never changes." }),
    role: z.enum(["user", "assistant", "system"]),
    contentType: z.enum([
      "text",
      "thinking",
      "tool_use",
      "tool_result",
      "tool_error",
      "permission_request",
      "progress",
    ]),
    text: z.string(),
    timestamp: instant,
    toolName: z.string().optional(),
    toolUseId: z.string().optional(),
  })
  .openapi("TranscriptMessage")

export const TranscriptSchema = z
  .object({ messages: z.array(TranscriptMessageSchema), status: SessionStatusSchema, total: z.int(), offset: z.int() })
  .openapi("Transcript")

export const TranscriptPageSchema = z
  .object({
    messages: z.array(TranscriptMessageSchema),
    has_more: z.boolean(),
    oldest_id: z.int().nullable(),
    newest_id: z.int().nullable(),
  })
  .openapi("TranscriptPage")

export const EventSchema = z.object(EnvelopeSchema.shape).openapi("Event")
/** What each type of event carries as its data. */
export const EventDataSchema = z
  .object(eventData)
  .openapi({ description: "What each type of event carries as its data. Additions only: ignore what is not known." })
export const EventListSchema = z
  .object({ items: z.array(EventSchema), nextCursor: z.string().optional() })
  .openapi("EventList")

export const HealthSchema = z
  .object({
    status: z
      .enum(["ok", "degraded"])
      .openapi({ description: "degraded: the last write to the log or to the audit failed; reading works." }),
    uptime: z.number().openapi({ description: "Seconds." }),
    version: z.string().optional(),
    stop: StopSchema.optional(),
    sessions: z.record(z.string(), z.int()).optional().openapi({ description: "How many are in each state." }),
    storage: z
      .object({
        engine: z.string(),
        version: z.string(),
        durable: z.boolean(),
        head: z.int(),
        failure: z.object({ code: z.string(), message: z.string() }).optional(),
      })
      .optional(),
    audit: z
      .object({
        status: z.enum(["ok", "unavailable"]).openapi({ description: "unavailable: nothing is granted." }),
        size: z.int().openapi({ description: "Entries that have their place in the tree." }),
        checkpoint: z.int().optional().openapi({ description: "Entries of the newest checkpoint." }),
        failure: z
          .object({ code: z.enum(["audit-unavailable", "audit-contradicted"]), message: z.string() })
          .optional(),
      })
      .optional(),
  })
  .openapi("Health")

export const VersionSchema = z
  .object({ version: z.string(), apiVersion: z.string(), node: z.string() })
  .openapi("Version")

const AgentSchema = z
  .object({ name: z.string(), installed: z.boolean(), version: z.string().optional(), isDefault: z.boolean() })
  .openapi("Agent")
export const AgentListSchema = z.object({ items: z.array(AgentSchema) }).openapi("AgentList")

export const PrincipalSchema = z
  .object({
    keyId: z.string(),
    userId: z.string(),
    tenantId: z.string(),
    role: z.string(),
    permissions: z.array(z.string()),
    agentOf: z.uuid().optional().openapi({
      description:
        "Of an agent's own key: its session. It has to do with that one's children, and may look at that one.",
    }),
    expiresAt: instant.optional().openapi({ description: "When the credential ends, if it does by itself." }),
  })
  .openapi("Principal")

export const CreateSseTokenSchema = z.strictObject({ sessionId: z.string().optional() }).openapi("CreateSseToken")
export const SseTokenSchema = z.object({ token: z.string(), expiresAt: instant }).openapi("SseToken")
export const LoginCodeSchema = z
  .object({ url: z.string().openapi({ description: "Opens the dashboard, once." }), expiresAt: instant })
  .openapi("LoginCode")
export const ExchangeCodeSchema = z.strictObject({ code: z.string().min(1).max(200) }).openapi("ExchangeCode")
export const LoginSchema = z
  .object({
    ok: z.literal(true),
    pageToken: z.string().openapi({
      description:
        "The other half of the login: the page keeps it for itself and sends it as `X-Aegis-Page-Token`. Without it the cookie opens nothing, since browsers show a cookie to every port of its host.",
    }),
  })
  .openapi("Login")
