import type { Policy, Spending } from "@aegis/policy"
import type { AgentOptions } from "./agent-options.ts"
import type { Driver } from "./driver.ts"
import {
  type Activity,
  type ContentBlock,
  OBSERVED_AGENT,
  type PermissionOption,
  type SessionEventData,
  type SessionStatus,
  type ToolCall,
} from "./events.ts"
import type { AccountName, Ledger } from "./ledger.ts"
import type { Participant } from "./participants.ts"

/** A session as its events give it. Survives JSON; changed by `evolve` only. */
export interface SessionState {
  readonly sessionId: string
  readonly workDir: string
  readonly agent: string
  readonly permissionMode: string
  readonly model?: string
  /** What else is set of its agent's options. */
  readonly options?: AgentOptions
  /** What its agent has offered last, as it said it. */
  readonly offered?: readonly unknown[]
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Counts what its name, labels, mode and options have been; absent: what they were at first. */
  readonly version?: number
  readonly owner: { readonly userId: string; readonly tenantId: string }
  /** The session that it is a child of. */
  readonly parentId?: string
  /** The session that it goes on from, and what its agent calls that one. */
  readonly forkedFrom?: { readonly sessionId: string; readonly agentSessionId: string }
  /** Its agent can begin a session that knows what this one knows. */
  readonly canFork?: boolean
  /** What its folder's git repository was at when it began. */
  readonly baseCommit?: string
  /** What it was begun with. */
  readonly template?: { readonly templateId: string; readonly version: number }
  /** The stage of a pipeline that it is for. */
  readonly pipeline?: StageRun
  /** The run of a routine that it is. */
  readonly routine?: RoutineRunName
  readonly createdAt: string
  readonly end?: "killed" | "crashed" | "completed"
  /** What its agent does, where that is only observed. */
  readonly activity?: Activity
  /** No prompt goes out. */
  readonly paused?: boolean
  /** It works, and has said nothing for long. */
  readonly stalled?: boolean
  /** Who alone may send, as it was claimed last; by then it may be over. */
  readonly driver?: Driver
  /** The number under which that was. */
  readonly fence?: number
  /** Who has done something here. */
  readonly participants: readonly Participant[]
  /** Its process was stopped to save it: it comes back with the next prompt. */
  readonly parked?: boolean
  /** Comes back from that. */
  readonly waking?: boolean
  /** It wants a process, and has to wait for one. */
  readonly waiting?: { readonly since: string; readonly limit: number }
  /** Since when there has been nothing to do; only while there is nothing. */
  readonly idleSince?: string
  /** Its agent has had a prompt, or worked unasked: there is something to come back to. */
  readonly hasWorked?: boolean
  /** When its next process is started by itself. */
  readonly restartAt?: string
  /** The agent's process, while there is one. */
  readonly run?: AgentRun
  /** The agent's own session, to be continued by its next process. */
  readonly agentSessionId?: string
  /** Why the session is in `error`. */
  readonly failure?: { readonly code: string; readonly message: string }
  /** Processes that died one after the other without a turn ended well between them. */
  readonly crashes: number
  /** Its last process went with its host: what it said at the end may be missing. */
  readonly hasGap?: boolean
  readonly queue: readonly QueuedTurn[]
  readonly turn?: RunningTurn
  /** Open, or resolved and not yet told to the agent. */
  readonly approvals: readonly PendingApproval[]
  readonly questions: readonly PendingQuestion[]
  /** Tool calls of the turn that have begun and not ended. */
  readonly tools: Readonly<Record<string, RunningTool>>
  readonly rateLimited: boolean
  /** The message that the agent is in the middle of. */
  readonly message?: CurrentMessage
  /** How many messages have begun: names those that the agent does not. */
  readonly messages: number
  /** Millionths of a US dollar: the session's, what the agent's own count stands at, and what ended turns have cost. */
  readonly cost: { readonly total: number; readonly agentTotal: number; readonly settled?: number }
  /** What its last turns have cost, the newest last: what the next one is taken to need. */
  readonly lastTurns?: readonly Spending[]
  /** The key that its last turn was asked for with. */
  readonly lastKey?: string
  /** Its own accounts, where it has a budget. */
  readonly ledger?: Ledger
  /** Why its next turn does not begin, or its last one was interrupted. */
  readonly exceeded?: SessionEventData<"budget.exceeded">
  readonly context?: { readonly used: number; readonly size: number }
  readonly permissions?: SessionPermissions
}

/** A try of a pipeline's stage. */
export interface StageRun {
  readonly pipelineId: string
  readonly stage: string
  /** 1 for the first. */
  readonly attempt: number
}

/** A run of a routine's. */
export interface RoutineRunName {
  readonly routineId: string
  /** 1 for the first. */
  readonly run: number
}

/** What holds in one session besides what holds in all. */
export interface SessionPermissions {
  /** Counts the changes. */
  readonly version: number
  readonly policy?: SessionPolicy
  /** The approvals that go for the same call again, by what names the call. */
  readonly remembered?: Readonly<Record<string, string>>
}

export interface SessionPolicy {
  readonly document: Policy
  /** Its author may also allow what others only ask about. */
  readonly mayLoosen: boolean
}

export interface AgentRun {
  readonly runId: string
  readonly ready?: SessionEventData<"session.ready">
  /** Names what it was told of mode and rules at its start. */
  readonly settings?: string
  /** The way to it is lost, and may come back. */
  readonly isDetached?: boolean
}

export interface QueuedTurn {
  readonly turnId: string
  readonly requestedAt: string
  readonly content: readonly ContentBlock[]
  /** The person who asked for it. */
  readonly by?: string
  /** The key that it was asked for with. */
  readonly key?: string
  /** Asked for once more when the agent dies in the middle of it. */
  readonly retryTurn?: boolean
}

export interface RunningTurn {
  readonly turnId: string
  /** `agent`: nobody has asked for it (spec/sessions.md, Turns). */
  readonly origin: "prompt" | "agent"
  /** Absent: nobody has asked for it. */
  readonly requestedAt?: string
  readonly startedAt: string
  /** When the agent said or did the first thing in it. */
  readonly firstOutputAt?: string
  readonly content: readonly ContentBlock[]
  /** The person who asked for it; absent where nobody has, or where that was not kept. */
  readonly by?: string
  readonly key?: string
  readonly retryTurn?: boolean
  /** What it is counted on. */
  readonly accounts?: readonly AccountName[]
  readonly cancelling: boolean
  /** All work was stopped while it ran. */
  readonly isHalted?: boolean
}

export interface PendingApproval {
  readonly approvalId: string
  readonly runId: string
  readonly requestId: string | number
  readonly toolCallId: string
  readonly digest: string
  readonly options: readonly PermissionOption[]
  /** The turn that it was asked in. */
  readonly turnId?: string
  readonly required: number
  readonly roles?: readonly string[]
  readonly excludedVoter?: string
  /** The persons who have approved so far. */
  readonly approvers: readonly string[]
  readonly expiresAt?: string
  /** The rule that wants a person to be asked. */
  readonly askedBy?: string
  /** Names what the call does and leads to. */
  readonly call?: string
  /** Set when resolved, until the agent was told. */
  readonly outcome?: { readonly optionId: string } | "cancelled"
}

export interface PendingQuestion {
  readonly questionId: string
  readonly turnId?: string
  readonly runId: string
  readonly requestId: string | number
  readonly message: string
  readonly schema: Readonly<Record<string, unknown>>
  readonly answer?: {
    readonly action: "accept" | "decline" | "withdrawn"
    readonly content?: Readonly<Record<string, unknown>> | undefined
  }
}

export interface ToolName {
  readonly name?: string | undefined
  readonly title?: string | undefined
  readonly kind?: string | undefined
}

export interface RunningTool extends ToolName {
  /** Of its start or a later update, the newest. */
  readonly locations?: ToolCall["locations"]
  /** When it began, or somebody let it go on. */
  readonly since: string
}

export interface CurrentMessage {
  readonly messageId: string
  readonly role: "assistant" | "thought"
}

/** The public state (spec/sessions.md, States). */
export function statusOf(state: SessionState): SessionStatus {
  return state.end === undefined && state.run?.isDetached ? "unknown" : lastKnownStatus(state)
}

/** Whether its agent can be reached or not: permission_prompt > asking > rate_limit > working. */
export function lastKnownStatus(state: SessionState): SessionStatus {
  if (state.end !== undefined) return state.end
  if (state.activity !== undefined) return state.activity
  if (openApprovals(state).length > 0) return "permission_prompt"
  if (openQuestions(state).length > 0) return "asking"
  if (state.turn) return state.rateLimited ? "rate_limit" : "working"
  if (state.failure) return "error"
  return state.agentSessionId === undefined ? "pending" : "idle"
}

export function openApprovals({ approvals }: SessionState) {
  return approvals.filter(({ outcome }) => outcome === undefined)
}

export function openQuestions({ questions }: SessionState) {
  return questions.filter(({ answer }) => answer === undefined)
}

/** What its agent has told since the last turn's end, in millionths of a US dollar. */
export function unsettledCost({ cost }: Pick<SessionState, "cost">) {
  return cost.total - (cost.settled ?? 0)
}

/** Its agent was started by somebody else, and only tells what it does: it takes no prompt and no decision. */
export function isObserved({ agent }: Pick<SessionState, "agent">) {
  return agent === OBSERVED_AGENT
}

/** `killed` is for good; a crashed session too, until somebody resumes it; a completed one too, where it is not observed only. */
export function isEnded({ end }: SessionState) {
  return end !== undefined
}

/** Whether a turn runs or waits, or its agent has to be told something yet. */
export function isOccupied({ turn, queue, approvals, questions }: SessionState) {
  return turn !== undefined || queue.length + approvals.length + questions.length > 0
}

/** Whether there is an agent that can be told something. */
export function isReachable({ run }: SessionState) {
  return run?.ready !== undefined && !run.isDetached
}

/** Whether its process may be stopped without losing anything: nothing to do, and a way back. */
export function isParkable(state: SessionState) {
  return isReachable(state) && state.idleSince !== undefined && !state.parked && canComeBack(state)
}

/** Whether another process can go on with it. One that was never asked anything is simply begun anew. */
export function canComeBack({ run, hasWorked }: SessionState) {
  const { loadSession, sessionCapabilities } = (run?.ready?.capabilities ?? {}) as {
    readonly loadSession?: boolean
    readonly sessionCapabilities?: { readonly resume?: unknown }
  }
  return !hasWorked || loadSession === true || Boolean(sessionCapabilities?.resume)
}
