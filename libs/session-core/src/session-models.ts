import type { Fold, Projection, RowOperation, Table } from "@aegis/event-log"
import { keptOptions } from "./agent-options.ts"
import { type AegisEvent, isSystemEvent, type SessionEvent } from "./events.ts"
import { evolve, withoutUndefined } from "./evolve.ts"
import { isMemoryEvent, memoryOperation, memoryTable } from "./memory-rows.ts"
import { metricsOperations, metricsTables } from "./metrics-rows.ts"
import { pipelineOperations, pipelinesTable } from "./pipeline-rows.ts"
import { evolvePipeline, isPipelineEvent, type PipelineState } from "./pipeline-state.ts"
import { isPolicyEvent, type PolicyEvent, policyKinds } from "./policy-version.ts"
import { routineOperations, routineRunsTable, routinesTable } from "./routine-rows.ts"
import { evolveRoutine, isRoutineEvent, type RoutineState } from "./routine-state.ts"
import type { SessionState } from "./session-state.ts"
import { evolveSystem, type SystemState } from "./system-state.ts"
import { isTemplateEvent, templateOperation, templatesTable } from "./template-rows.ts"

/** The state of each session, kept by the log. Raise the version with every change of `evolve` or `SessionState`. */
export const sessionFold: Fold<SessionState, AegisEvent> = {
  type: "fold",
  name: "session",
  version: 19,
  evolve: (state, event) => (isSystemEvent(event) ? state : evolve(state, event)),
}

/** What holds for all sessions: the state of the system's own stream. */
export const systemFold: Fold<SystemState, AegisEvent> = {
  type: "fold",
  name: "system",
  version: 7,
  evolve: (state, event) =>
    isSystemEvent(event) && !isPipelineEvent(event) && !isRoutineEvent(event) ? evolveSystem(state, event) : state,
}

/** The state of each pipeline: that of its own stream. */
export const pipelineFold: Fold<PipelineState, AegisEvent> = {
  type: "fold",
  name: "pipeline",
  version: 1,
  evolve: (state, event) => (isPipelineEvent(event) ? evolvePipeline(state, event) : state),
}

/** The state of each routine, in the same way. */
export const routineFold: Fold<RoutineState, AegisEvent> = {
  type: "fold",
  name: "routine",
  version: 1,
  evolve: (state, event) => (isRoutineEvent(event) ? evolveRoutine(state, event) : state),
}

/** A row a session: what lists filter and sort by. */
export const sessionsTable = {
  name: "sessions",
  columns: {
    sessionId: "text",
    createdSeq: "integer",
    lastSeq: "integer",
    status: "text",
    name: "text",
    workDir: "text",
    agent: "text",
    /** Absent: the one that the agent takes by itself. */
    model: "text?",
    permissionMode: "text",
    userId: "text",
    tenantId: "text",
    /** The session that it is a child of. */
    parentId: "text?",
    labels: "json",
    createdAt: "text",
    lastActivity: "text",
    runId: "text?",
    /** The agent's own name of its session. */
    agentSessionId: "text?",
    /** Prompts that were accepted and have no outcome yet. */
    openTurns: "integer",
    pendingApprovals: "integer",
  },
  key: ["sessionId"],
  indexes: [
    ["tenantId", "createdSeq"],
    ["workDir"],
    ["status"],
    ["runId"],
    ["agentSessionId"],
    ["openTurns"],
    ["parentId", "createdSeq"],
  ],
} as const satisfies Table

/** A row an approval, open or decided: the memory by which a late voter is told who won. */
export const approvalsTable = {
  name: "approvals",
  columns: {
    approvalId: "text",
    sessionId: "text",
    turnId: "text?",
    seq: "integer",
    status: "text",
    delivery: "text",
    tool: "json",
    options: "json",
    digest: "text",
    /** What it led to when it was asked about. */
    files: "json?",
    requestedAt: "text",
    /** How many persons have to approve. */
    required: "integer",
    /** Whose approval counts. */
    roles: "json?",
    /** Whose does not. */
    excludedVoter: "text?",
    expiresAt: "text?",
    /** The rule that wants a person to be asked. */
    askedBy: "text?",
    decidedAt: "text?",
    decidedBy: "json?",
    rule: "text?",
    reason: "text?",
  },
  key: ["approvalId"],
  indexes: [["seq"], ["sessionId", "seq"], ["status", "seq"]],
} as const satisfies Table

/** A row a version of the policy, or of the one that was tried. */
export const policiesTable = {
  name: "policies",
  columns: {
    version: "integer",
    kind: "text",
    at: "text",
    by: "json",
    /** Null: from then on there is none. */
    document: "json?",
  },
  key: ["version"],
  indexes: [["kind", "version"]],
} as const satisfies Table

/** A row a vote. */
export const votesTable = {
  name: "votes",
  columns: {
    approvalId: "text",
    seq: "integer",
    voter: "text",
    choice: "text",
    reason: "text?",
    actor: "json",
    at: "text",
  },
  key: ["approvalId", "seq"],
} as const satisfies Table

/** A row a request on which a policy was tried. */
export const trialsTable = {
  name: "trials",
  columns: {
    seq: "integer",
    version: "integer",
    sessionId: "text",
    approvalId: "text?",
    decision: "text",
    rule: "text",
    reason: "text",
    before: "json",
    isChanged: "boolean",
  },
  key: ["seq"],
  indexes: [["version", "seq"]],
} as const satisfies Table

const sessionsProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "sessions",
  version: 9,
  tables: [sessionsTable, approvalsTable, votesTable],
  project: ({ event }) => (isSystemEvent(event) ? [] : [...sessionOperations(event), ...approvalOperations(event)]),
}

const policiesProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "policies",
  version: 1,
  tables: [policiesTable, trialsTable],
  project: ({ event }) => {
    if (isPolicyEvent(event)) return [policyOperation(event)]
    return event.type === "policy.shadowed" ? [trialOperation(event)] : []
  },
}

function policyOperation({ type, at, actor: by, data }: PolicyEvent): RowOperation {
  const row = { version: data.version, kind: policyKinds[type], at, by, document: data.document ?? null }
  return { type: "put", table: policiesTable, row }
}

type Recorded = SessionEvent & { readonly seq: number }

function sessionOperations(event: Recorded): RowOperation[] {
  if (event.type === "session.created") return [{ type: "put", table: sessionsTable, row: createdRow(event) }]
  const key = { sessionId: event.sessionId }
  const runId =
    event.type === "agent.started" ? { runId: event.data.runId } : event.type === "agent.exited" ? { runId: null } : {}
  const columns = {
    status: event.status,
    lastActivity: event.at,
    lastSeq: event.seq,
    ...runId,
    ...heardOf(event),
    ...detailsOf(event),
  }
  const changes: RowOperation[] = [{ type: "patch", table: sessionsTable, key, columns }]
  const by = countsOf(event)
  return by ? [...changes, { type: "increment", table: sessionsTable, key, by }] : changes
}

function createdRow({ sessionId, seq, at, status, data }: Recorded & { type: "session.created" }) {
  const { workDir, agent, model = null, permissionMode, name, labels, owner, parentId = null } = data
  const counts = { openTurns: 0, pendingApprovals: 0 }
  const times = { createdAt: at, lastActivity: at, createdSeq: seq, lastSeq: seq }
  const unknown = { runId: null, agentSessionId: null }
  const whose = { ...owner, parentId, labels }
  return { sessionId, status, name, workDir, agent, model, permissionMode, ...whose, ...unknown, ...counts, ...times }
}

// What is found out of an agent's session.
function heardOf(event: Recorded) {
  if (event.type === "session.ready") return { agentSessionId: event.data.agentSessionId }
  if (event.type !== "hook.received" || event.data.activity === undefined) return {}
  const { agentSessionId, permissionMode } = event.data
  return { agentSessionId, ...(permissionMode === undefined ? {} : { permissionMode }) }
}

function detailsOf(event: Recorded) {
  if (event.type !== "session.updated") return {}
  const { name, labels, permissionMode, options } = event.data
  const model = options && { model: keptOptions(options).model ?? null }
  return { ...withoutUndefined({ name, labels, permissionMode }), ...model }
}

// A turn that nobody has asked for is open from its beginning.
function countsOf({ type, data }: Recorded) {
  if (type === "turn.requested" || (type === "turn.started" && data.origin === "agent")) return { openTurns: 1 }
  if (type === "turn.ended") return { openTurns: -1 }
  if (type === "approval.requested") return { pendingApprovals: 1 }
  return type === "approval.resolved" ? { pendingApprovals: -1 } : undefined
}

function approvalOperations(event: Recorded): RowOperation[] {
  switch (event.type) {
    case "approval.requested":
      return [{ type: "put", table: approvalsTable, row: requestedRow(event) }]
    case "approval.voted":
      return [{ type: "put", table: votesTable, row: votedRow(event) }]
    case "approval.resolved": {
      const { approvalId, status, rule = null, reason = null, outcome } = event.data
      const columns = {
        status,
        rule,
        reason,
        decidedAt: event.at,
        decidedBy: event.actor,
        delivery: outcome ? "pending" : "none",
      }
      return [{ type: "patch", table: approvalsTable, key: { approvalId }, columns }]
    }
    case "approval.delivered":
    case "approval.undeliverable": {
      const columns = { delivery: event.type === "approval.delivered" ? "delivered" : "impossible" }
      return [{ type: "patch", table: approvalsTable, key: { approvalId: event.data.approvalId }, columns }]
    }
    default:
      return []
  }
}

function requestedRow({ sessionId, turnId, seq, at, data }: Recorded & { type: "approval.requested" }) {
  const {
    approvalId,
    tool,
    options,
    digest,
    files = null,
    required = 1,
    roles = null,
    excludedVoter = null,
    expiresAt = null,
    askedBy = null,
  } = data
  const undecided = { decidedAt: null, decidedBy: null, rule: null, reason: null }
  return {
    approvalId,
    sessionId,
    turnId: turnId ?? null,
    seq,
    status: "open",
    delivery: "none",
    tool,
    options,
    digest,
    files,
    requestedAt: at,
    required,
    roles,
    excludedVoter,
    expiresAt,
    askedBy,
    ...undecided,
  }
}

function votedRow({ seq, at, actor, data }: Recorded & { type: "approval.voted" }) {
  const { approvalId, voter, choice, reason = null } = data
  return { approvalId, seq, voter, choice, reason, actor, at }
}

function trialOperation({ sessionId, seq, data }: Recorded & { type: "policy.shadowed" }): RowOperation {
  const { approvalId = null, digest: _digest, ...said } = data
  return { type: "put", table: trialsTable, row: { seq, sessionId, approvalId, ...said } }
}

const memoryProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "memory",
  version: 1,
  tables: [memoryTable],
  project: ({ event }) => (isMemoryEvent(event) ? [memoryOperation(event)] : []),
}

const templatesProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "templates",
  version: 1,
  tables: [templatesTable],
  project: ({ event }) => (isTemplateEvent(event) ? [templateOperation(event)] : []),
}

const pipelinesProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "pipelines",
  version: 1,
  tables: [pipelinesTable],
  project: ({ event }) => (isPipelineEvent(event) ? pipelineOperations(event) : []),
}

const routinesProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "routines",
  version: 1,
  tables: [routinesTable, routineRunsTable],
  project: ({ event }) => (isRoutineEvent(event) ? routineOperations(event) : []),
}

const metricsProjection: Projection<AegisEvent> = {
  type: "projection",
  name: "metrics",
  version: 1,
  tables: metricsTables,
  project: ({ event }) => (isSystemEvent(event) ? [] : metricsOperations(event)),
}

/** What the log has to be opened with. */
export const sessionModels = [
  sessionFold,
  systemFold,
  pipelineFold,
  routineFold,
  sessionsProjection,
  policiesProjection,
  memoryProjection,
  templatesProjection,
  pipelinesProjection,
  routinesProjection,
  metricsProjection,
]
