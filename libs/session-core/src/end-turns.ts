import type { Actor, SessionEventData, ToolCall } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import {
  isEnded,
  openApprovals,
  openQuestions,
  type RunningTool,
  type SessionState,
  unsettledCost,
} from "./session-state.ts"

/** Every accepted prompt has an outcome, also those that never ran. */
export function endTurns(recording: Recording, error: { readonly code: string; readonly message: string }) {
  withdrawWaiting(recording, { tellAgent: false, reason: error.message })
  abandonDeliveries(recording, error.message)
  endTurn(recording, { error })
  endQueue(recording, error)
}

/** The end of the turn that runs, if one does; of its calls whose end nobody has told, that nobody knows it (spec/threats.md, I6). */
export function endTurn(recording: Recording, outcome: TurnOutcome) {
  const { turn } = recording.state
  if (!turn) return
  for (const [toolCallId, call] of Object.entries(recording.state.tools))
    endTool(recording, { toolCallId, ...saidOf(call), status: "unknown" })
  const { turnId, key, requestedAt, startedAt, firstOutputAt } = turn
  const took = {
    waitedMs: requestedAt === undefined ? undefined : since(requestedAt, startedAt),
    firstOutputMs: firstOutputAt === undefined ? undefined : since(startedAt, firstOutputAt),
    durationMs: since(startedAt, recording.context.at),
  }
  const cost = unsettledCost(recording.state)
  recording.record("turn.ended", withoutUndefined({ turnId, ...outcome, cost, key, ...took }))
}

type TurnOutcome = Pick<SessionEventData<"turn.ended">, "stopReason" | "error" | "usage">

export function endQueue(recording: Recording, error: { readonly code: string; readonly message: string }) {
  for (const { turnId, key, requestedAt } of recording.state.queue) {
    const waitedMs = since(requestedAt, recording.context.at)
    recording.record("turn.ended", withoutUndefined({ turnId, error, key, waitedMs }), { turnId })
  }
}

/** The end of a call, and how long it took. */
export function endTool(recording: Recording, tool: ToolCall) {
  const running = recording.state.tools[tool.toolCallId]
  const took = running ? { durationMs: since(running.since, recording.context.at) } : {}
  recording.record("tool.ended", { ...withoutUndefined(tool), ...took })
}

/** What a call has said of itself, without what only the state knows of it. */
export function saidOf({ since: _since, ...said }: RunningTool): Omit<RunningTool, "since"> {
  return said
}

/** A decision whose agent is gone is told as such, and never as delivered. */
export function abandonDeliveries(recording: Recording, reason: string) {
  for (const { approvalId, outcome } of recording.state.approvals)
    if (outcome !== undefined) recording.record("approval.undeliverable", { approvalId, reason })
}

/** Milliseconds between two instants, never negative: clocks step back. */
function since(start: string, end: string) {
  return Math.max(0, Date.parse(end) - Date.parse(start))
}

export function refuseEnded(state: SessionState) {
  if (!isEnded(state)) return undefined
  const advice = state.end === "crashed" ? "restart it, or create another one" : "create another one"
  return new SessionError("session-ended", `Session ${state.sessionId} has ended (${state.end}); ${advice}.`)
}

/** Nobody needs to decide any more what waits for a person. */
export function withdrawWaiting(recording: Recording, { tellAgent, reason, actor }: WithdrawOptions) {
  for (const { approvalId } of openApprovals(recording.state))
    recording.record(
      "approval.resolved",
      { approvalId, status: "withdrawn", reason, ...(tellAgent ? { outcome: "cancelled" } : {}) },
      { actor },
    )
  for (const { questionId } of openQuestions(recording.state)) {
    recording.record("question.answered", { questionId, action: "withdrawn" }, { actor })
    if (!tellAgent) recording.record("question.delivered", { questionId }, { actor })
  }
}

export interface WithdrawOptions {
  readonly tellAgent: boolean
  readonly reason: string
  /** Who wants it, where it is not who gave the command. */
  readonly actor?: Actor | undefined
}
