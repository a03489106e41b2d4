import { SessionStatusSchema } from "@aegis/session-core/events"
import { z } from "@hono/zod-openapi"
import {
  askedInstant,
  body,
  defineOperation,
  writeHeaders as headers,
  json,
  KEPT,
  pageLimit,
  problems,
  repeated,
  replaceHeaders,
} from "./operation.ts"
import { SessionPermissionsSchema, SessionPermissionsWishSchema } from "./policy-schemas.ts"
import {
  AnswerSchema,
  ApprovalListSchema,
  ApprovalSchema,
  ApprovalStatusSchema,
  ApproveSchema,
  CommandListSchema,
  CreatedSessionSchema,
  CreateSessionSchema,
  ExtendBudgetSchema,
  OkSchema,
  ReasonSchema,
  SendCommandSchema,
  SendMessageSchema,
  SentMessageSchema,
  SessionHealthSchema,
  SessionListSchema,
  SessionOptionsSchema,
  SessionSchema,
  SetModeSchema,
  SetOptionsSchema,
  TranscriptPageSchema,
  TranscriptSchema,
  UpdateSessionSchema,
  VoteSchema,
} from "./schemas.ts"

export const sessionParams = z.object({
  id: z.string().openapi({ param: { name: "id", in: "path" }, description: "The session's id." }),
})
const tags = ["Sessions"]
const LABEL = /^[^=]{1,100}=/

export const createSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions",
    operationId: "createSession",
    summary: "Create a session, or reuse an idle one of the same folder",
    tags,
    request: { headers, body: body(CreateSessionSchema) },
    responses: {
      200: json(CreatedSessionSchema, "An idle session was reused."),
      201: json(CreatedSessionSchema, "A session was created."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.create", audit: "session.created", mcp: "create_session" },
)

export const listSessions = defineOperation(
  {
    method: "get",
    path: "/v1/sessions",
    operationId: "listSessions",
    summary: "List sessions, newest first",
    description: "Those that have all of what is asked for.",
    tags,
    request: {
      query: z.strictObject({
        status: SessionStatusSchema.optional(),
        workDir: z.string().optional(),
        agent: z.string().optional(),
        label: repeated(z.string().regex(LABEL, "A label is asked for as name=value.").max(301), {
          most: 20,
          items: { pattern: LABEL.source, maxLength: 301 },
          description: "`name=value`, said once for each: a session has all of them.",
        }),
        q: z.string().max(200).optional().openapi({ description: "In the name or the folder, in capitals or not." }),
        owner: z.string().max(100).optional().openapi({ description: "The user whose they are." }),
        from: askedInstant.optional().openapi({ description: "Created then or later." }),
        to: askedInstant.optional().openapi({ description: "Created before." }),
        after: z.coerce.number().int().min(1).optional().openapi({ description: "nextCursor of the page before." }),
        limit: pageLimit,
      }),
    },
    responses: { 200: json(SessionListSchema, "A page of sessions."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none", mcp: "list_sessions" },
)

export const getSession = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}",
    operationId: "getSession",
    summary: "A session as it is now",
    tags,
    request: { params: sessionParams },
    responses: { 200: json(SessionSchema, "The session."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none", mcp: "get_status" },
)

export const updateSession = defineOperation(
  {
    method: "patch",
    path: "/v1/sessions/{id}",
    operationId: "updateSession",
    summary: "Give a session another name, or other labels",
    description:
      "What is not named stays. Labels that a rule of the policy goes by are changed only with session.approve (labels-ruled): with others the session could be asked about less.",
    tags,
    request: { headers: replaceHeaders, params: sessionParams, body: body(UpdateSessionSchema) },
    responses: { 200: json(SessionSchema, "The session."), ...problems(400, 401, 403, 404, 409, 412, 422, 503) },
  },
  { permission: "session.send", audit: "session.updated" },
)

export const setSessionMode = defineOperation(
  {
    method: "put",
    path: "/v1/sessions/{id}/mode",
    operationId: "setSessionMode",
    summary: "Have a session ask more, or less",
    description:
      "What its agent asks from now on is judged in that mode, and its agent is told before its next turn: one that runs in `auto` ends in it. A mode that asks less than the server's own takes session.approve, an agent never has a session ask less than it does, and a child asks no less than its parent: living children that would do so get the mode, too. `mode-not-allowed`: its agent has no such mode, or the rules do not go with it. `mode-fixed`: its agent would have to be started again, and cannot go on then.",
    tags,
    request: { headers: replaceHeaders, params: sessionParams, body: body(SetModeSchema) },
    responses: { 200: json(SessionSchema, "The session."), ...problems(400, 401, 403, 404, 409, 412, 422, 503) },
  },
  { permission: "session.send", audit: "session.updated" },
)

export const getSessionOptions = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/options",
    operationId: "getSessionOptions",
    summary: "What of its agent's options is set, and what it offers",
    tags,
    request: { params: sessionParams },
    responses: { 200: json(SessionOptionsSchema, "Its options."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const setSessionOptions = defineOperation(
  {
    method: "put",
    path: "/v1/sessions/{id}/options",
    operationId: "setSessionOptions",
    summary: "Set its agent's options: model, effort and what else it offers",
    description:
      "Its agent is told before its next turn. `model` and `effort` stand for the options about that, whatever the agent calls them; the others go by their ids, and take session.approve (option-restricted), since nobody here knows what they lead to. Its mode is none of them. `option-not-allowed`: its agent does not offer that. `options-fixed`: its agent would have to be started again, and cannot go on then.",
    tags,
    request: { headers: replaceHeaders, params: sessionParams, body: body(SetOptionsSchema) },
    responses: { 200: json(SessionSchema, "The session."), ...problems(400, 401, 403, 404, 409, 412, 422, 503) },
  },
  { permission: "session.send", audit: "session.updated" },
)

export const getSessionHealth = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/health",
    operationId: "getSessionHealth",
    summary: "How a session is, and what can be done about it",
    tags,
    request: { params: sessionParams },
    responses: { 200: json(SessionHealthSchema, "Its health."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const discoverCommands = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/discover-commands",
    operationId: "discoverCommands",
    summary: "The slash commands that a session's agent has",
    description: "As its agent has told last; none before it has told of any.",
    tags,
    request: { params: sessionParams },
    responses: { 200: json(CommandListSchema, "The commands."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const killSession = defineOperation(
  {
    method: "delete",
    path: "/v1/sessions/{id}",
    operationId: "killSession",
    summary: "End a session for good; it stays readable",
    tags,
    request: { headers, params: sessionParams },
    responses: {
      200: json(SessionSchema, "The killed session."),
      202: json(SessionSchema, KEPT),
      ...problems(400, 401, 403, 404, 422),
    },
  },
  { permission: "session.kill", audit: "session.killed", mcp: "kill_session" },
)

export const sendMessage = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/send",
    operationId: "sendMessage",
    summary: "Send a prompt",
    tags,
    request: { headers, params: sessionParams, body: body(SendMessageSchema) },
    responses: {
      200: json(SentMessageSchema, "The agent has it."),
      202: json(SentMessageSchema, "It is accepted and durable, and waits."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.send", audit: "turn.requested", mcp: "send_message" },
)

export const sendCommand = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/command",
    operationId: "sendCommand",
    summary: "Send one of its agent's slash commands",
    description:
      "A prompt, but for one thing: a command that the agent has not told of is refused, with the list of those that it has (command-unknown).",
    tags,
    request: { headers, params: sessionParams, body: body(SendCommandSchema) },
    responses: {
      200: json(SentMessageSchema, "The agent has it."),
      202: json(SentMessageSchema, "It is accepted and durable, and waits."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.send", audit: "turn.requested", mcp: "send_command" },
)

export const approvePermission = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/approve",
    operationId: "approvePermission",
    summary: "Approve what waits",
    tags: ["Approvals"],
    request: { headers, params: sessionParams, body: body(ApproveSchema, { required: false }) },
    responses: { 200: json(ApprovalSchema, "The decided approval."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "session.approve", audit: "approval.resolved", mcp: "approve_permission", grants: true },
)

export const rejectPermission = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/reject",
    operationId: "rejectPermission",
    summary: "Reject what waits",
    tags: ["Approvals"],
    request: { headers, params: sessionParams, body: body(VoteSchema, { required: false }) },
    responses: {
      200: json(ApprovalSchema, "The decided approval."),
      202: json(ApprovalSchema, KEPT),
      ...problems(400, 401, 403, 404, 409, 422),
    },
  },
  { permission: "session.approve", audit: "approval.resolved", mcp: "reject_permission" },
)

export const listSessionApprovals = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/approvals",
    operationId: "listSessionApprovals",
    summary: "A session's approvals, newest first",
    tags: ["Approvals"],
    request: {
      params: sessionParams,
      query: z.strictObject({ status: ApprovalStatusSchema.optional() }),
    },
    responses: { 200: json(ApprovalListSchema, "The approvals."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const answerQuestion = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/answer",
    operationId: "answerQuestion",
    summary: "Answer or decline the agent's question",
    tags: ["Approvals"],
    request: { headers, params: sessionParams, body: body(AnswerSchema) },
    responses: { 200: json(OkSchema, "The answer is recorded."), ...problems(400, 401, 403, 404, 409, 422) },
  },
  { permission: "session.send", audit: "question.answered" },
)

export const interruptSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/interrupt",
    operationId: "interruptSession",
    summary: "Interrupt the running turn",
    tags,
    request: { headers, params: sessionParams },
    responses: { 200: json(OkSchema, "The turn is being cancelled."), ...problems(400, 401, 403, 404, 409, 422) },
  },
  { permission: "session.interrupt", audit: "turn.cancel_requested", mcp: "interrupt_session" },
)

export const escapeSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/escape",
    operationId: "escapeSession",
    summary: "Take back what waits for a person, and end the turn",
    tags,
    request: { headers, params: sessionParams },
    responses: {
      200: json(OkSchema, "Nothing waits, and nothing runs for much longer."),
      ...problems(400, 401, 403, 404, 409, 422),
    },
  },
  { permission: "session.interrupt", audit: "turn.cancel_requested" },
)

export const pauseSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/pause",
    operationId: "pauseSession",
    summary: "Hold the queue: no prompt goes out until it is resumed",
    tags,
    request: { headers, params: sessionParams, body: body(ReasonSchema, { required: false }) },
    responses: { 200: json(SessionSchema, "The paused session."), ...problems(400, 401, 403, 404, 409, 422) },
  },
  { permission: "session.interrupt", audit: "session.paused" },
)

export const resumeSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/resume",
    operationId: "resumeSession",
    summary: "End a pause",
    tags,
    request: { headers, params: sessionParams, body: body(ReasonSchema, { required: false }) },
    responses: { 200: json(SessionSchema, "The session, which goes on."), ...problems(400, 401, 403, 404, 409, 422) },
  },
  { permission: "session.interrupt", audit: "session.resumed" },
)

export const restartSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/restart",
    operationId: "restartSession",
    summary: "Start the agent of a session again that has failed or crashed",
    tags,
    request: { headers, params: sessionParams, body: body(ReasonSchema, { required: false }) },
    responses: {
      200: json(SessionSchema, "The session, whose agent starts."),
      ...problems(400, 401, 403, 404, 409, 422),
    },
  },
  { permission: "session.interrupt", audit: "session.restarted" },
)

export const extendBudget = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/budget",
    operationId: "extendBudget",
    summary: "Allow more than the limit of a budget that the session counts on",
    description:
      "It holds until the end of the budget's period, for all that is counted on it. A budget that tenants share is extended by the local token alone (`budget-of-all`).",
    tags,
    request: { headers, params: sessionParams, body: body(ExtendBudgetSchema) },
    responses: {
      200: json(SessionSchema, "The session; it goes on where that is enough."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "budget.write", audit: "budget.extended", grants: true },
)

export const getSessionPolicy = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/permissions",
    operationId: "getSessionPolicy",
    summary: "What holds in the session besides the server's policy",
    tags,
    request: { params: sessionParams },
    responses: { 200: json(SessionPermissionsSchema, "Its rules, and what it remembers."), ...problems(401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const updateSessionPolicy = defineOperation(
  {
    method: "put",
    path: "/v1/sessions/{id}/permissions",
    operationId: "updateSessionPolicy",
    summary: "Give the session other rules of its own, or have it forget",
    description:
      "What is asked for after the answer is judged by it. It tightens the server's policy; what that only asks about it allows where the caller has policy.write.",
    tags,
    request: { headers: replaceHeaders, params: sessionParams, body: body(SessionPermissionsWishSchema) },
    responses: {
      200: json(SessionPermissionsSchema, "Its rules, and what it remembers."),
      ...problems(400, 401, 403, 404, 409, 412, 422, 503),
    },
  },
  { permission: "session.admin", audit: "session.updated", grants: true },
)

export const readMessages = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/read",
    operationId: "readMessages",
    summary: "The transcript, by offset",
    tags: ["Transcript"],
    request: {
      params: sessionParams,
      query: z.strictObject({
        offset: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
      }),
    },
    responses: { 200: json(TranscriptSchema, "Messages from the offset on."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const getTranscriptCursor = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/transcript/cursor",
    operationId: "getTranscriptCursor",
    summary: "The transcript, by stable message ids, newest page first",
    tags: ["Transcript"],
    request: {
      params: sessionParams,
      query: z.strictObject({
        before_id: z.coerce.number().int().min(1).optional(),
        limit: pageLimit,
        role: z.enum(["user", "assistant", "system"]).optional(),
      }),
    },
    responses: { 200: json(TranscriptPageSchema, "A page, oldest message first."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none", mcp: "get_transcript" },
)
