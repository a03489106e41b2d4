import type { Row, StreamHead } from "@aegis/event-log"
import type { AgentOptions } from "./agent-options.ts"
import { type Driver, driverAt } from "./driver.ts"
import type { SessionStatus } from "./events.ts"
import type { Excess } from "./judge-budget.ts"
import type { sessionsTable } from "./session-models.ts"
import {
  isEnded,
  openQuestions,
  type PendingQuestion,
  type RoutineRunName,
  type SessionState,
  type StageRun,
  statusOf,
} from "./session-state.ts"
import type { Stop } from "./system-state.ts"

/** A session as every door shows it. */
export interface Session {
  readonly id: string
  readonly name: string
  readonly status: SessionStatus
  readonly workDir: string
  readonly permissionMode: string
  readonly agent: string
  readonly model?: string
  /** What else is set of its agent's options. */
  readonly options?: AgentOptions
  readonly createdAt: string
  readonly lastActivity: string
  readonly owner: { readonly userId: string; readonly tenantId: string }
  /** The session that it is a child of. */
  readonly parentId?: string
  /** What it was begun with, in which version. */
  readonly template?: { readonly templateId: string; readonly version: number }
  /** The stage of a pipeline that it is for. */
  readonly pipeline?: StageRun
  /** The session that it goes on from. */
  readonly forkedFrom?: string
  /** The run of a routine that it is. */
  readonly routine?: RoutineRunName
  readonly labels: Readonly<Record<string, string>>
  /** Counts what its name, labels, mode and options have been. */
  readonly version: number
  readonly pendingApprovals: number
  readonly pendingQuestion?: Pick<PendingQuestion, "questionId" | "message" | "schema">
  readonly queuedPrompts: number
  /** Who alone may send to it. */
  readonly driver?: Driver
  /** No prompt goes out. */
  readonly paused: boolean
  /** Its agent's process is saved; the next prompt starts one again. */
  readonly parked: boolean
  /** It wants a process, and there are as many as there may be. */
  readonly waiting?: { readonly since: string; readonly limit: number }
  /** All work is stopped: nothing of its queue goes out. */
  readonly stop?: Stop
  /** Why a budget holds its next prompt. */
  readonly exceeded?: Excess
  readonly health: { readonly stalled: boolean }
  readonly turnId?: string
  readonly context?: { readonly used: number; readonly size: number }
  /** Millionths of a US dollar. */
  readonly cost: number
  readonly failure?: { readonly code: string; readonly message: string }
  /** The session's last event, and the rolling hash up to it: a reader with the same two has everything. */
  readonly seq: number
  readonly hash: string
  /** What was asked is on disk beside the log, which cannot be written at the moment. */
  readonly durable?: "emergency"
}

export function toSession(
  state: SessionState,
  {
    head,
    row,
    stop,
    excess,
    now,
  }: {
    readonly head: StreamHead
    readonly row: Row<typeof sessionsTable>
    readonly stop: Stop | undefined
    readonly excess: Excess | undefined
    /** ISO 8601 UTC. */
    readonly now: string
  },
): Session {
  const [question] = openQuestions(state)
  const driver = isEnded(state) ? undefined : driverAt(state, now)
  return {
    id: state.sessionId,
    name: state.name,
    status: statusOf(state),
    workDir: state.workDir,
    permissionMode: state.permissionMode,
    agent: state.agent,
    ...(state.model === undefined ? {} : { model: state.model }),
    ...(state.options === undefined ? {} : { options: state.options }),
    createdAt: state.createdAt,
    lastActivity: row.lastActivity,
    owner: state.owner,
    ...(state.parentId === undefined ? {} : { parentId: state.parentId }),
    ...(state.template === undefined ? {} : { template: state.template }),
    ...(state.pipeline === undefined ? {} : { pipeline: state.pipeline }),
    ...(state.routine === undefined ? {} : { routine: state.routine }),
    ...(state.forkedFrom === undefined ? {} : { forkedFrom: state.forkedFrom.sessionId }),
    labels: state.labels,
    version: state.version ?? 1,
    pendingApprovals: row.pendingApprovals,
    ...(question
      ? { pendingQuestion: { questionId: question.questionId, message: question.message, schema: question.schema } }
      : {}),
    queuedPrompts: state.queue.length,
    ...(driver ? { driver } : {}),
    paused: state.paused ?? false,
    parked: state.parked ?? false,
    ...(state.waiting ? { waiting: state.waiting } : {}),
    ...(stop && !isEnded(state) ? { stop } : {}),
    ...(excess ? { exceeded: excess } : {}),
    health: { stalled: state.stalled ?? false },
    ...(state.turn ? { turnId: state.turn.turnId } : {}),
    ...(state.context ? { context: state.context } : {}),
    cost: state.cost.total,
    ...(state.failure ? { failure: state.failure } : {}),
    seq: head.seq,
    hash: head.hash,
  }
}
