import type { Row, RowOperation, Table } from "@aegis/event-log"
import type { z } from "zod"
import type { SessionEvent, TokenUsageSchema, ToolCall } from "./events.ts"

type TokenUsage = { readonly [K in keyof z.infer<typeof TokenUsageSchema>]?: number | undefined }

/** Tokens, and money in millionths of a US dollar. */
const spent = {
  totalTokens: "integer",
  inputTokens: "integer",
  outputTokens: "integer",
  thoughtTokens: "integer",
  cachedReadTokens: "integer",
  cachedWriteTokens: "integer",
  cost: "integer",
} as const
const counted = {
  turns: "integer",
  failedTurns: "integer",
  prompts: "integer",
  toolCalls: "integer",
  failedTools: "integer",
  approvals: "integer",
  approved: "integer",
  rejected: "integer",
  rateLimits: "integer",
  ...spent,
} as const

/** A row a session: what it has done so far, in numbers. */
export const countersTable = {
  name: "sessionCounters",
  columns: {
    sessionId: "text",
    createdSeq: "integer",
    tenantId: "text",
    userId: "text",
    parentId: "text?",
    ...counted,
  },
  key: ["sessionId"],
  indexes: [["tenantId", "createdSeq"]],
} as const satisfies Table

/** A row a turn that has ended, by the event of its end. Times are in milliseconds. */
export const turnsTable = {
  name: "turns",
  columns: {
    seq: "integer",
    sessionId: "text",
    turnId: "text",
    endedAt: "text",
    keyId: "text?",
    stopReason: "text?",
    /** The code of its problem. */
    error: "text?",
    waitedMs: "integer?",
    firstOutputMs: "integer?",
    durationMs: "integer?",
    ...spent,
  },
  key: ["seq"],
  indexes: [["sessionId", "seq"], ["endedAt"]],
} as const satisfies Table

/** A row a tool call that has ended. */
export const toolCallsTable = {
  name: "toolCalls",
  columns: {
    seq: "integer",
    sessionId: "text",
    name: "text",
    kind: "text?",
    /** As the agent says it; `unknown`: it never said how it ended. */
    status: "text?",
    durationMs: "integer?",
    endedAt: "text",
    /** The files that it has changed, where it says so. */
    paths: "json?",
  },
  key: ["seq"],
  indexes: [["sessionId", "seq"], ["endedAt"]],
} as const satisfies Table

/** A row an approval, without what it is about. */
export const decisionsTable = {
  name: "decisions",
  columns: {
    approvalId: "text",
    seq: "integer",
    sessionId: "text",
    tool: "text",
    requestedAt: "text",
    status: "text",
    decidedAt: "text?",
    /** The kind of who decided. */
    decider: "text?",
  },
  key: ["approvalId"],
  indexes: [["sessionId", "seq"], ["seq"]],
} as const satisfies Table

/** A row a time that a provider wanted an agent to wait. */
export const rateLimitsTable = {
  name: "rateLimits",
  columns: { seq: "integer", sessionId: "text", at: "text", attempt: "integer", retryAt: "text?" },
  key: ["seq"],
  indexes: [["sessionId", "seq"], ["at"]],
} as const satisfies Table

/** What is spent, and what is counted besides. */
export type Tokens = Omit<Spent, "cost">
export type Spent = { readonly [K in keyof typeof spent]: number }
export type Counters = { readonly [K in keyof typeof counted]: number }
export const spentNames = Object.keys(spent) as readonly (keyof Spent)[]
export const counterNames = Object.keys(counted) as readonly (keyof Counters)[]

type CounterRow = Row<typeof countersTable>
export type TurnRow = Row<typeof turnsTable>
export type ToolCallRow = Row<typeof toolCallsTable>
export type DecisionRow = Row<typeof decisionsTable>
export type RateLimitRow = Row<typeof rateLimitsTable>

export const metricsTables = [countersTable, turnsTable, toolCallsTable, decisionsTable, rateLimitsTable]

type Recorded = SessionEvent & { readonly seq: number }
type RecordedOf<T extends SessionEvent["type"]> = Recorded & { readonly type: T }

/** What an event changes of them. */
export function metricsOperations(event: Recorded): RowOperation[] {
  switch (event.type) {
    case "session.created":
      return [{ type: "put", table: countersTable, row: createdRow(event) }]
    case "message.user":
      return [count(event, { prompts: 1 })]
    case "turn.ended":
      return turnEnded(event)
    case "tool.ended":
      return toolEnded(event)
    case "approval.requested":
      return [count(event, { approvals: 1 }), { type: "put", table: decisionsTable, row: askedRow(event) }]
    case "approval.resolved":
      return approvalResolved(event)
    case "rate_limit.hit": {
      const { sessionId, seq, at, data } = event
      const row = { seq, sessionId, at, attempt: whole(data.attempt), retryAt: data.retryAt ?? null }
      return [count(event, { rateLimits: 1 }), { type: "put", table: rateLimitsTable, row }]
    }
    case "usage.updated":
      return event.data.costDelta ? [count(event, { cost: whole(event.data.costDelta) })] : []
    default:
      return []
  }
}

function count({ sessionId }: Recorded, by: Partial<Counters>): RowOperation {
  return { type: "increment", table: countersTable, key: { sessionId }, by }
}

function usedOf(usage: TokenUsage = {}) {
  const { totalTokens, inputTokens, outputTokens, thoughtTokens, cachedReadTokens, cachedWriteTokens } = usage
  return {
    totalTokens: whole(totalTokens),
    inputTokens: whole(inputTokens),
    outputTokens: whole(outputTokens),
    thoughtTokens: whole(thoughtTokens),
    cachedReadTokens: whole(cachedReadTokens),
    cachedWriteTokens: whole(cachedWriteTokens),
  }
}

/** Agents say what they like: what is counted is a number of things, and sums of it stay one. */
function whole(value = 0) {
  return Math.round(Math.min(Math.max(0, value), MOST))
}

const MOST = 1e12

/** Each of them, and nothing of it. */
export function noneOf<Name extends string>(names: readonly Name[]) {
  return Object.fromEntries(names.map((name) => [name, 0])) as { [K in Name]: number }
}

function createdRow({ sessionId, seq, data }: RecordedOf<"session.created">): CounterRow {
  const { owner, parentId = null } = data
  return { sessionId, createdSeq: seq, ...owner, parentId, ...noneOf(counterNames) }
}

function turnEnded(event: RecordedOf<"turn.ended">): RowOperation[] {
  const { sessionId, seq, at, data } = event
  const { turnId, key, stopReason, error, usage, cost = 0, waitedMs, firstOutputMs, durationMs } = data
  const tokens = usedOf(usage)
  const row: TurnRow = {
    seq,
    sessionId,
    turnId,
    endedAt: at,
    keyId: key ?? null,
    stopReason: stopReason ?? null,
    error: error?.code ?? null,
    waitedMs: waitedMs ?? null,
    firstOutputMs: firstOutputMs ?? null,
    durationMs: durationMs ?? null,
    ...tokens,
    cost: whole(cost),
  }
  const failed = error ? { failedTurns: 1 } : {}
  return [count(event, { turns: 1, ...failed, ...tokens }), { type: "put", table: turnsTable, row }]
}

function toolEnded(event: RecordedOf<"tool.ended">): RowOperation[] {
  const { sessionId, seq, at, data } = event
  const { kind = null, status = null, durationMs = null } = data
  const tool = { name: nameOfTool(data), kind, status, durationMs, paths: changedBy(data) }
  const row: ToolCallRow = { seq, sessionId, ...tool, endedAt: at }
  const failed = status === "failed" ? { failedTools: 1 } : {}
  return [count(event, { toolCalls: 1, ...failed }), { type: "put", table: toolCallsTable, row }]
}

function askedRow({ sessionId, seq, at, data }: RecordedOf<"approval.requested">): DecisionRow {
  const { approvalId, tool } = data
  const undecided = { status: "open", decidedAt: null, decider: null }
  return { approvalId, seq, sessionId, tool: nameOfTool(tool), requestedAt: at, ...undecided }
}

function approvalResolved(event: RecordedOf<"approval.resolved">): RowOperation[] {
  const { approvalId, status } = event.data
  const columns = { status, decidedAt: event.at, decider: event.actor.kind }
  const decided: RowOperation = { type: "patch", table: decisionsTable, key: { approvalId }, columns }
  const counted = status === "approved" ? { approved: 1 } : status === "rejected" ? { rejected: 1 } : undefined
  return counted ? [count(event, counted), decided] : [decided]
}

function changedBy({ kind = "", status, locations = [] }: ToolCall) {
  if (!CHANGING.has(kind) || status === "failed" || locations.length === 0) return null
  return locations.slice(0, MOST_PATHS).map(({ path }) => path)
}

const CHANGING: ReadonlySet<string> = new Set(["edit", "delete", "move"])
const MOST_PATHS = 20

/** Agents need not name their tools: then it is what kind they are of that tells them apart. */
function nameOfTool({ name, kind }: { readonly name?: string | undefined; readonly kind?: string | undefined }) {
  return name ?? kind ?? "other"
}
