import { z } from "zod"

// The one vocabulary of log, streams, webhooks, channels and MCP (spec/events.md). Browser-safe.

/** The public states of a session, exactly these eleven (spec/sessions.md, States). */
export const SessionStatusSchema = z.enum([
  "pending",
  "idle",
  "working",
  "permission_prompt",
  "asking",
  "rate_limit",
  "error",
  "crashed",
  "killed",
  "completed",
  "unknown",
])
export type SessionStatus = z.infer<typeof SessionStatusSchema>

/** Who did it, and through which door. Never a secret. */
export const ActorSchema = z.object({
  kind: z.enum(["user", "key", "policy", "agent", "system", "channel"]),
  id: z.string(),
  via: z.string(),
})
export type Actor = z.infer<typeof ActorSchema>
/** The kinds of those who decide as persons. */
export const persons: ReadonlySet<string | null | undefined> = new Set<Actor["kind"]>(["user", "key", "channel"])

export const ContentBlockSchema = z.looseObject({ type: z.string() })
export type ContentBlock = z.infer<typeof ContentBlockSchema>

export const ProblemSchema = z.object({ code: z.string(), message: z.string() })

export const ToolCallSchema = z.object({
  toolCallId: z.string(),
  name: z.string().optional(),
  title: z.string().optional(),
  kind: z.string().optional(),
  /** As the agent says it; `unknown` of a call that had not ended when its turn did: what came of it nobody has told. */
  status: z.string().optional(),
  locations: z.array(z.object({ path: z.string(), line: z.number().optional() })).optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  /** Content, diff and terminal blocks, as the agent sent them. */
  content: z.array(ContentBlockSchema).optional(),
})
export type ToolCall = z.infer<typeof ToolCallSchema>

export const PermissionOptionSchema = z.object({ optionId: z.string(), name: z.string(), kind: z.string() })
export type PermissionOption = z.infer<typeof PermissionOptionSchema>

/** The id that the agent gave to its request, kept raw: a number and a string are different ids. */
export const AgentRequestIdSchema = z.union([z.string(), z.number()])

/** A file that a call leads to, as it was when a decision was asked for. */
export const BoundFileSchema = z.object({
  /** As the call names it. */
  path: z.string(),
  /** With all links followed; of a program, what the search path leads to. */
  target: z.string(),
  /** SHA-256 of what is in it, in hex; `folder`; of a large file its size and when it was changed. Absent: not looked at. */
  state: z.string().optional(),
})
export type BoundFile = z.infer<typeof BoundFileSchema>

export const ApprovalSchema = z.object({
  approvalId: z.string(),
  runId: z.string(),
  requestId: AgentRequestIdSchema,
  tool: ToolCallSchema,
  options: z.array(PermissionOptionSchema),
  /** SHA-256 over the canonical (RFC 8785) tool call: 64 hex digits. */
  digest: z.string(),
  /** What it leads to; when that has changed before somebody approves, it is asked about anew. */
  files: z.array(BoundFileSchema).optional(),
  /** How many persons have to approve; absent: one. Frozen when asked. */
  required: z.number().int().positive().optional(),
  /** Whose approval counts; absent: of anybody who may approve. */
  roles: z.array(z.string()).optional(),
  /** The person who asked for the work, whose approval does not count. */
  excludedVoter: z.string().optional(),
  /** From then on nobody can approve it any more; the agent is told that nobody chose. */
  expiresAt: z.iso.datetime().optional(),
  /** The rule that wants a person to be asked; absent: nothing decides it without one. */
  askedBy: z.string().optional(),
  /** Names what the call does and leads to, whatever its id and its words: SHA-256, in hex. */
  call: z.string().optional(),
})

export const QuestionSchema = z.object({
  questionId: z.string(),
  runId: z.string(),
  requestId: AgentRequestIdSchema,
  message: z.string(),
  /** The JSON schema of the answer's content. */
  schema: z.record(z.string(), z.unknown()),
  toolCallId: z.string().optional(),
})

export const TokenUsageSchema = z.object({
  totalTokens: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  thoughtTokens: z.number().optional(),
  cachedReadTokens: z.number().optional(),
  cachedWriteTokens: z.number().optional(),
})

/** The moments of a Claude Code that its hooks tell of, by Claude's own names. */
export const HookEventSchema = z.enum([
  "PreToolUse",
  "PostToolUse",
  "Notification",
  "Stop",
  "SessionStart",
  "SessionEnd",
  "UserPromptSubmit",
  "SubagentStop",
  "PreCompact",
])
export type HookEvent = z.infer<typeof HookEventSchema>

/** What an agent is doing that is observed and not driven (spec/sessions.md, Observed sessions). */
export const ActivitySchema = SessionStatusSchema.extract([
  "working",
  "permission_prompt",
  "asking",
  "idle",
  "completed",
])
export type Activity = z.infer<typeof ActivitySchema>

/** The agent of a session that is observed. No agent of the configuration has this name. */
export const OBSERVED_AGENT = "external"

const turnId = z.string()
const decision = z.enum(["allow", "deny", "ask"])
const reason = z.string()
const text = z.object({ messageId: z.string(), text: z.string() })

/** What a session's own policy says; whether its author may also allow what others only ask about (`policy.write`). */
const SessionPolicySchema = z.object({ document: z.record(z.string(), z.unknown()), mayLoosen: z.boolean() })

const spending = {
  /** Millionths of a US dollar. */
  cost: z.number(),
  tokens: z.number(),
}
const SpendingSchema = z.object(spending)
const accountName = {
  /** The budget's scope, with whose it is and its period, if it has one. */
  account: z.string(),
  /** The beginning of the period that it is about. */
  window: z.iso.datetime().optional(),
}
const SessionAccountSchema = z.object({
  ...accountName,
  /** Counted for more than this session. */
  isShared: z.boolean(),
})

const AgentOptionsSchema = z.record(z.string(), z.union([z.string(), z.boolean()]))

const sessionEventData = {
  "session.created": z.object({
    workDir: z.string(),
    agent: z.string(),
    permissionMode: z.string(),
    model: z.string().optional(),
    /** What else of its agent's is set, by the option's id. */
    options: AgentOptionsSchema.optional(),
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    owner: z.object({ userId: z.string(), tenantId: z.string() }),
    /** The session that it is a child of. */
    parentId: z.string().optional(),
    /** The session that it goes on from, and what its agent calls that one. */
    forkedFrom: z.object({ sessionId: z.string(), agentSessionId: z.string() }).optional(),
    /** What its folder's git repository was at: the commit's id. */
    baseCommit: z.string().optional(),
    salt: z.string(),
    policy: SessionPolicySchema.optional(),
    /** What it was begun with. */
    template: z.object({ templateId: z.string(), version: z.int() }).optional(),
    /** The stage of a pipeline that it is for, and which try of it. */
    pipeline: z.object({ pipelineId: z.string(), stage: z.string(), attempt: z.int() }).optional(),
    /** The run of a routine that it is. */
    routine: z.object({ routineId: z.string(), run: z.int() }).optional(),
  }),
  "session.ready": z.object({
    runId: z.string(),
    agentSessionId: z.string(),
    agentName: z.string().optional(),
    agentVersion: z.string().optional(),
    protocolVersion: z.number(),
    capabilities: z.record(z.string(), z.unknown()),
    modes: z.unknown().optional(),
    options: z.array(z.unknown()),
    restored: z.enum(["new", "forked", "resumed", "loaded", "none"]),
  }),
  /** What of it is another from now on. `policy`: null for none. `forgotten`: approvals that are remembered no longer. */
  "session.updated": z.object({
    name: z.string().optional(),
    /** All that it has. */
    labels: z.record(z.string(), z.string()).optional(),
    permissionMode: z.string().optional(),
    /** All that are set of its agent's. */
    options: AgentOptionsSchema.optional(),
    /** As its agent calls it. */
    title: z.string().optional(),
    policy: SessionPolicySchema.nullable().optional(),
    forgotten: z.array(z.string()).optional(),
  }),
  /** After its agent was begun again (`restored`), or read again. `gap`: something that the agent said may be missing. */
  "session.recovered": z.object({ restored: z.enum(["resumed", "loaded", "none"]).optional(), gap: z.boolean() }),
  /** From now on no prompt goes out; one that runs goes on. */
  "session.paused": z.object({ reason }),
  "session.resumed": z.object({ reason }),
  /** Its agent's process is stopped while there is nothing to do; the next prompt starts one again. */
  "session.parked": z.object({ reason }),
  "session.woken": z.object({ reason }),
  /** It wants a process and there are as many as there may be. */
  "session.waiting": z.object({ limit: z.number() }),
  /** By hand, after it had failed or crashed. */
  "session.restarted": z.object({ reason }),
  /** It works, and has said nothing for so long. */
  "session.stalled": z.object({ sinceMs: z.number() }),
  "session.killed": z.object({ reason }),
  "session.crashed": z.object({ reason }),
  /** What it was for is done. */
  "session.completed": z.object({ reason }),
  "turn.requested": z.object({
    turnId,
    content: z.array(ContentBlockSchema),
    whenBusy: z.enum(["queue", "interrupt", "reject"]),
    /** The person who asks for it. */
    by: z.string().optional(),
    /** Whether it is asked for once more when the agent dies in the middle of it. */
    retryTurn: z.boolean().optional(),
    /** The turn that was cut, and that this one repeats. */
    retryOf: z.string().optional(),
    /** The key that it was asked for with. */
    key: z.string().optional(),
  }),
  /** `agent`: it works without a prompt. */
  "turn.started": z.object({ turnId, origin: z.enum(["prompt", "agent"]) }),
  "turn.ended": z.object({
    turnId,
    stopReason: z.string().optional(),
    error: ProblemSchema.optional(),
    usage: TokenUsageSchema.optional(),
    /** Millionths of a US dollar: what it has cost. */
    cost: z.number().optional(),
    /** The key that it was asked for with. */
    key: z.string().optional(),
    /** Milliseconds in the queue. */
    waitedMs: z.number().optional(),
    /** Milliseconds from its start to the first thing that the agent said or did. */
    firstOutputMs: z.number().optional(),
    /** Milliseconds from its start. */
    durationMs: z.number().optional(),
  }),
  /** `halt`: all work was stopped; a prompt that the agent has not had yet never goes out. */
  "turn.cancel_requested": z.object({ turnId, reason, halt: z.boolean().optional() }),
  "message.user": z.object({ messageId: z.string(), content: z.array(ContentBlockSchema) }),
  "message.delta": text,
  "thinking.delta": text,
  /** Content that is not text comes whole. */
  "message.completed": z.object({ messageId: z.string(), content: z.array(ContentBlockSchema) }),
  "message.notice": z.object({ kind: z.string(), text: z.string() }),
  "tool.started": ToolCallSchema,
  "tool.updated": ToolCallSchema,
  /** `durationMs`: since it began, or since somebody let it go on. */
  "tool.ended": ToolCallSchema.extend({ durationMs: z.number().optional() }),
  "plan.updated": z.object({
    entries: z.array(z.object({ content: z.string(), priority: z.string(), status: z.string() })),
  }),
  "approval.requested": ApprovalSchema,
  "approval.voted": z.object({
    approvalId: z.string(),
    /** The person, whatever key or door the vote came by: each has one. */
    voter: z.string(),
    choice: z.enum(["approve", "reject"]),
    reason: z.string().optional(),
  }),
  "approval.resolved": z.object({
    approvalId: z.string(),
    status: z.enum(["approved", "rejected", "withdrawn", "expired"]),
    /** What the agent is told: one of the options it offered, or that nobody chose. Absent: there is nobody to tell. */
    outcome: z.union([z.object({ optionId: z.string() }), z.literal("cancelled")]).optional(),
    rule: z.string().optional(),
    reason: z.string().optional(),
  }),
  /** The same call is allowed from now on in this session, as long as it leads to the same. */
  "approval.remembered": z.object({ approvalId: z.string(), call: z.string() }),
  "approval.delivered": z.object({ approvalId: z.string() }),
  "approval.undeliverable": z.object({ approvalId: z.string(), reason }),
  "question.asked": QuestionSchema,
  "question.answered": z.object({
    questionId: z.string(),
    action: z.enum(["accept", "decline", "withdrawn"]),
    content: z.record(z.string(), z.unknown()).optional(),
  }),
  "question.delivered": z.object({ questionId: z.string() }),
  /** Somebody has had a page looked at; the picture is nowhere kept. */
  "screenshot.taken": z.object({ url: z.string(), width: z.int(), height: z.int(), bytes: z.int() }),
  /** From now on only who is named may send, until then. `fence` counts the times that the seat was taken. */
  "driver.claimed": z.object({
    kind: ActorSchema.shape.kind,
    id: z.string(),
    fence: z.int(),
    expiresAt: z.iso.datetime(),
  }),
  "driver.released": z.object({ fence: z.int() }),
  "usage.updated": z.object({
    used: z.number(),
    size: z.number(),
    /** Millionths of a US dollar. */
    costDelta: z.number().optional(),
    costTotal: z.number().optional(),
    /** The agent's own count, which begins anew with a new agent session. */
    agentCost: z.number().optional(),
  }),
  "commands.updated": z.object({
    commands: z.array(z.object({ name: z.string(), description: z.string(), hint: z.string().optional() })),
  }),
  "mode.changed": z.object({ modeId: z.string() }),
  "options.updated": z.object({ options: z.array(z.unknown()) }),
  "rate_limit.hit": z.object({
    attempt: z.number(),
    retryAt: z.string().optional(),
    status: z.number().optional(),
    error: z.string().optional(),
  }),
  "rate_limit.cleared": z.object({}),
  "agent.started": z.object({
    runId: z.string(),
    pid: z.number(),
    command: z.string(),
    args: z.array(z.string()),
    /** Names what it was told of mode and rules at its start: SHA-256, in hex. */
    settings: z.string().optional(),
  }),
  "agent.exited": z.object({
    runId: z.string(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    stderrTail: z.string(),
    /** `stopped`: by us. `failed`: it never became ready. `lost`: it went with its host. */
    cause: z.enum(["stopped", "failed", "crashed", "lost"]),
    error: ProblemSchema.optional(),
    /** When the session's next process is started by itself; absent: with the next prompt, or not at all. */
    restartAt: z.iso.datetime().optional(),
  }),
  /** The way to it is lost, and may come back: until then nobody knows what it does. */
  "agent.detached": z.object({ runId: z.string() }),
  "agent.attached": z.object({ runId: z.string() }),
  "agent.update": z.object({ frame: z.string(), reason: z.string() }),
  /** A rule has decided. `ask`: of a hook, whose agent then asks its own person. */
  "policy.decided": z.object({
    /** Absent: it was a hook that asked. */
    approvalId: z.string().optional(),
    rule: z.string(),
    decision,
    reason: z.string(),
    digest: z.string(),
  }),
  /** What the policy on trial would have said, beside what was said. */
  "policy.shadowed": z.object({
    /** Absent: it was a hook that asked. */
    approvalId: z.string().optional(),
    /** Of the policy on trial. */
    version: z.int(),
    decision,
    rule: z.string(),
    reason: z.string(),
    before: z.object({ decision, rule: z.string() }),
    /** Whether it is answered otherwise: another decision, or one that takes other people. */
    isChanged: z.boolean(),
    digest: z.string(),
  }),
  /** What a turn is taken to need, kept for it on each account that it counts on. */
  "budget.reserved": z.object({ turnId, accounts: z.array(SessionAccountSchema.extend(spending)) }),
  /** What the turn has cost in the end. */
  "budget.settled": z.object({ turnId, ...spending, accounts: z.array(SessionAccountSchema) }),
  /** The turn does not begin, or is interrupted, until somebody extends the budget or it is there again. */
  "budget.exceeded": z.object({
    turnId,
    account: z.string(),
    /** What is used up; `turn`: what one turn may cost. */
    measure: z.enum(["cost", "tokens", "turn"]),
    limit: SpendingSchema.partial(),
    spent: SpendingSchema,
    granted: SpendingSchema,
    /** Kept for other turns that run. */
    reserved: SpendingSchema,
    /** What this turn needs, or has spent. */
    needed: SpendingSchema,
    /** When the budget is there again; absent: not by itself. */
    until: z.iso.datetime().optional(),
    reason,
  }),
  /** Somebody allows more than the limit, until the end of its period. */
  "budget.extended": z.object({ ...SessionAccountSchema.shape, ...spending, reason }),
  "hook.received": z.object({
    event: HookEventSchema,
    /** SHA-256 of the payload's bytes, as hex, and how many they were. */
    digest: z.string(),
    bytes: z.int(),
    /** What the hook was told; `none`: nothing. */
    answer: z.enum(["none", "allow", "deny", "ask"]),
    /** Claude's own name of its session. */
    agentSessionId: z.string(),
    /** What the session's agent does from now on; absent: of a session that is driven, whose agent says it itself. */
    activity: ActivitySchema.optional(),
    permissionMode: z.string().optional(),
    transcriptPath: z.string().optional(),
  }),
} as const

/** Of what concerns no session alone. */
const sharedAccount = { ...accountName, sessionId: z.string(), tenantId: z.string() }
/** Versions count up over both kinds. The digest is the SHA-256 of the canonical (RFC 8785) document, in hex. */
const policyVersion = {
  version: z.int(),
  document: z.record(z.string(), z.unknown()).optional(),
  digest: z.string().optional(),
}
/** Whose memory: a tenant's, or, where users share nothing, one of its users'. */
const memorySpace = { tenantId: z.string(), userId: z.string().optional() }
const keyName = { keyId: z.string(), tenantId: z.string() }
const keyTerms = {
  name: z.string(),
  role: z.string(),
  /** Of the role `custom`. */
  permissions: z.array(z.string()).optional(),
  expiresAt: z.iso.datetime().optional(),
}

/** What sessions are begun with; a `{{word}}` in it is filled in when one is. */
export const TemplateFieldsSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  workDir: z.string().optional(),
  prompt: z.string().optional(),
  agent: z.string().optional(),
  permissionMode: z.string().optional(),
  model: z.string().optional(),
  effort: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
})
export type TemplateFields = z.infer<typeof TemplateFieldsSchema>
const templateName = { templateId: z.string(), tenantId: z.string(), userId: z.string(), version: z.int() }

/** What a session is begun with that begins by itself. */
const work = {
  prompt: z.string(),
  workDir: z.string(),
  agent: z.string(),
  permissionMode: z.string(),
  model: z.string().optional(),
  /** What else of its agent's is set. */
  options: AgentOptionsSchema.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  template: z.object({ templateId: z.string(), version: z.int() }).optional(),
}

/** A stage as somebody wants it: what its session is begun with, and what comes before. */
export const PipelineStageSchema = z.object({
  /** Each has one of its own. */
  name: z.string(),
  /** The stages that have to be over before. */
  dependsOn: z.array(z.string()),
  /** `stop`: nothing else is begun. `continue`: what depends on it goes on. `retry`: so often once more, then `stop`. */
  onFailure: z.enum(["stop", "continue", "retry"]),
  retries: z.int(),
  /** In its prompt `{{stages.NAME.output}}` stands for what that stage has said in the end. */
  ...work,
})
export type PipelineStage = z.infer<typeof PipelineStageSchema>
const pipelineName = { pipelineId: z.string(), tenantId: z.string(), userId: z.string() }
const stageName = { ...pipelineName, stage: z.string(), attempt: z.int() }

/** A routine as somebody wants it: when it begins a session, and with what. */
export const RoutineFieldsSchema = z.object({
  name: z.string(),
  /** Five fields, by the clock of the time zone. */
  cron: z.string(),
  /** An IANA name. */
  timeZone: z.string(),
  /** Of times that nobody could begin anything at. `skip`: nothing. `once`: one run for all of them. */
  missedRun: z.enum(["skip", "once"]),
  /** Of a time at which an earlier run still works. `queue`: one waits for it. `parallel`: both run. */
  overlap: z.enum(["skip", "queue", "parallel"]),
  enabled: z.boolean(),
  ...work,
})
export type RoutineFields = z.infer<typeof RoutineFieldsSchema>
const routineName = { routineId: z.string(), tenantId: z.string(), userId: z.string() }
const runName = { ...routineName, run: z.int() }
const routineWish = {
  ...routineName,
  version: z.int(),
  routine: RoutineFieldsSchema,
  /** The key that it was asked for with: its runs are counted on that. */
  key: z.string().optional(),
  /** Times after this one are due. */
  since: z.iso.datetime(),
}

const systemEventData = {
  /** The first event of its stream, with the salt that verifying takes. */
  "system.opened": z.object({ salt: z.string() }),
  /** From now on no prompt goes out, nothing is approved, and what runs is interrupted. */
  "system.stopped": z.object({ reason }),
  "system.resumed": z.object({ reason }),
  /** From now on it is this one by which the server judges; without a document, none. */
  "policy.updated": z.object(policyVersion),
  /** It is tried: what it would say is written down, and nothing follows from it; without a document, none is. */
  "policy.shadow_updated": z.object(policyVersion),
  /** Never the key itself: the SHA-256 of its secret, in hex. */
  "key.created": z.object({ ...keyName, ...keyTerms, userId: z.string(), digest: z.string() }),
  /** What it is from now on; what it no longer has is absent. */
  "key.updated": z.object({ ...keyName, ...keyTerms }),
  /** It has another secret; the one before is good until then, if at all. */
  "key.rotated": z.object({ ...keyName, digest: z.string(), previousUntil: z.iso.datetime().optional() }),
  "key.revoked": z.object({ ...keyName, reason }),
  /** The same of the accounts that more than one session counts on, in one order for all of them. */
  "ledger.reserved": z.object({ ...sharedAccount, turnId, ...spending }),
  "ledger.settled": z.object({ ...sharedAccount, turnId, ...spending }),
  "ledger.extended": z.object({ ...sharedAccount, ...spending, reason }),
  /** What somebody wants to be remembered. Versions count up over all keys of the space. */
  "memory.set": z.object({
    ...memorySpace,
    key: z.string(),
    value: z.string(),
    version: z.int(),
    /** The version that it takes the place of. */
    previous: z.int().optional(),
    /** From then on it is there no more. */
    expiresAt: z.iso.datetime().optional(),
  }),
  /** `expired`: its time was over before. */
  "memory.deleted": z.object({
    ...memorySpace,
    key: z.string(),
    version: z.int(),
    reason: z.enum(["deleted", "expired"]),
  }),
  "template.created": z.object({ ...templateName, template: TemplateFieldsSchema }),
  /** It is this one from now on, for sessions that are begun then. */
  "template.updated": z.object({ ...templateName, template: TemplateFieldsSchema }),
  "template.deleted": z.object(templateName),
  /** The first event of the pipeline's own stream. */
  "pipeline.created": z.object({
    ...pipelineName,
    salt: z.string(),
    name: z.string(),
    stages: z.array(PipelineStageSchema),
    /** The key that it was asked for with. */
    key: z.string().optional(),
  }),
  /** In one append with the beginning of its session. */
  "pipeline.stage_started": z.object({ ...stageName, sessionId: z.string() }),
  /** `skipped`: it never began. Without a session none could be begun. */
  "pipeline.stage_ended": z.object({
    ...stageName,
    sessionId: z.string().optional(),
    status: z.enum(["completed", "failed", "skipped", "cancelled"]),
    /** The agent's last words. */
    output: z.string().optional(),
    /** The agent said more than is kept here. */
    isShortened: z.boolean().optional(),
    error: ProblemSchema.optional(),
    /** It is tried once more. */
    isRetried: z.boolean().optional(),
  }),
  "pipeline.ended": z.object({
    ...pipelineName,
    status: z.enum(["completed", "failed", "cancelled"]),
    reason: z.string(),
  }),
  /** The first event of the routine's own stream. */
  "routine.created": z.object({ ...routineWish, salt: z.string() }),
  /** It is this one from now on. */
  "routine.updated": z.object(routineWish),
  /** Nothing is begun by it any more; runs that work go on. */
  "routine.deleted": z.object({ ...routineName, version: z.int() }),
  /** Each time leaves one, whatever becomes of it; runs count from 1. */
  "routine.run_due": z.object({
    ...runName,
    dueAt: z.iso.datetime(),
    /** `missed`: nobody could begin anything at it. `run`: a person wants it now. */
    cause: z.enum(["clock", "missed", "run"]),
    /** Of `missed`: for all times from that one to this one, so many; counted up to 100. */
    missed: z.object({ from: z.iso.datetime(), count: z.int() }).optional(),
    /** Of `run`: the key that it was asked for with. */
    key: z.string().optional(),
  }),
  /** In one append with the beginning of its session. */
  "routine.run_started": z.object({ ...runName, sessionId: z.string() }),
  /** `skipped`: it never began, as the routine wants it. `cancelled`: nor did it, since somebody has changed the routine. */
  "routine.run_ended": z.object({
    ...runName,
    sessionId: z.string().optional(),
    status: z.enum(["completed", "failed", "skipped", "cancelled"]),
    /** Why it never began. */
    reason: z.string().optional(),
    error: ProblemSchema.optional(),
  }),
  /** A link that opens the dashboard, for its actor's key. */
  "auth.code_created": z.object(keyName),
  /** Somebody came in with such a link. */
  "auth.login": z.object({ ...keyName, userId: z.string() }),
  /** Somebody has signed out of what they came in by. `until`: when that would have ended by itself. */
  "auth.logout": z.object({ ...keyName, userId: z.string(), loginId: z.string(), until: z.iso.datetime() }),
  /** Credentials were shown that are none. `count`: so many since the last time this was told of the address. */
  "auth.failed": z.object({ address: z.string(), count: z.int() }),
  /** Something was refused that a credential may not do; in the same way. */
  "auth.denied": z.object({ ...keyName, userId: z.string(), operation: z.string(), count: z.int() }),
  /** A copy of the trail was asked for: told before its first byte. `filter`: what of it, as it was asked. */
  "audit.exported": z.object({
    ...keyName,
    userId: z.string(),
    format: z.string(),
    filter: z.record(z.string(), z.unknown()).optional(),
  }),
  /** It listens. `settings`: what of its configuration is not as it is by default, without secrets. */
  "server.started": z.object({
    tenantId: z.string(),
    version: z.string(),
    settings: z.record(z.string(), z.unknown()),
  }),
  /** It was told to stop, and did. Where two were started and none ended between, the first one was killed. */
  "server.ended": z.object({ tenantId: z.string(), agents: z.enum(["ended", "kept"]) }),
} as const

/** Each type's `data`. Additions only: a reader ignores what it does not know. */
export const eventData = { ...sessionEventData, ...systemEventData } as const

export type SessionEventType = keyof typeof sessionEventData
export type SessionEventData<T extends SessionEventType = SessionEventType> = z.infer<(typeof sessionEventData)[T]>
export type SystemEventType = keyof typeof systemEventData
export type SystemEventData<T extends SystemEventType = SystemEventType> = z.infer<(typeof systemEventData)[T]>

/** The name of the stream of events that belong to no session. */
export const SYSTEM_STREAM = "$system"

/** The name of a pipeline's own stream. */
export function pipelineStream(pipelineId: string) {
  return `$pipeline/${pipelineId}`
}

/** The name of a routine's own stream. */
export function routineStream(routineId: string) {
  return `$routine/${routineId}`
}

/** Whether a stream is a session's: it has its id as its name. */
export function isSessionStream(stream: string) {
  return !stream.startsWith("$")
}

/** What the log holds: each event as it is appended, the envelope less `seq` and `hash`. */
export type AegisEvent = SessionEvent | SystemEvent
export type SessionEvent = { [T in SessionEventType]: EnvelopeOf<T> }[SessionEventType]
export type SystemEvent = { [T in SystemEventType]: SystemEnvelopeOf<T> }[SystemEventType]

export function isSystemEvent(event: AegisEvent): event is SystemEvent {
  return Object.hasOwn(systemEventData, event.type)
}

interface EnvelopeOf<T extends SessionEventType> {
  readonly sessionId: string
  readonly type: T
  /** ISO 8601 UTC: for people only, order never comes from it. */
  readonly at: string
  readonly actor: Actor
  /** The session's state after this event. */
  readonly status: SessionStatus
  readonly turnId?: string
  readonly data: SessionEventData<T>
}

interface SystemEnvelopeOf<T extends SystemEventType> {
  readonly sessionId?: undefined
  readonly status?: undefined
  readonly type: T
  readonly at: string
  readonly actor: Actor
  readonly data: SystemEventData<T>
}

/** The envelope on the wire (spec/events.md, Envelope). */
export const EnvelopeSchema = z.object({
  seq: z.number().int(),
  sessionId: z.string().optional(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: ActorSchema,
  status: SessionStatusSchema.optional(),
  turnId: z.string().optional(),
  data: z.unknown(),
  hash: z.string(),
})
export type Envelope = z.infer<typeof EnvelopeSchema>

/** The stream that an event is filed under: what it is about says so. */
export function streamOf(event: AegisEvent): string {
  if (!isSystemEvent(event)) return event.sessionId
  if ("routineId" in event.data) return routineStream(event.data.routineId)
  return "pipelineId" in event.data ? pipelineStream(event.data.pipelineId) : SYSTEM_STREAM
}
