import type { Actor, SessionEventData } from "./events.ts"
import { withoutUndefined } from "./evolve.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, openApprovals, openQuestions, type SessionState } from "./session-state.ts"

/** Every accepted prompt has an outcome, also those that never ran. */
export function endTurns(recording: Recording, error: { readonly code: string; readonly message: string }) {
  withdrawWaiting(recording, { tellAgent: false, reason: error.message })
  abandonDeliveries(recording, error.message)
  const { turn } = recording.state
  if (turn) endTurn(recording, { turnId: turn.turnId, error, durationMs: since(turn.startedAt, recording.context.at) })
  endQueue(recording, error)
}

/** The end of a turn that ran; of its calls whose end nobody has told, that nobody knows it (spec/threats.md, I6). */
export function endTurn(recording: Recording, data: SessionEventData<"turn.ended">) {
  for (const [toolCallId, call] of Object.entries(recording.state.tools))
    recording.record("tool.ended", { toolCallId, ...withoutUndefined({ ...call }), status: "unknown" })
  recording.record("turn.ended", data)
}

export function endQueue(recording: Recording, error: { readonly code: string; readonly message: string }) {
  for (const { turnId } of recording.state.queue) recording.record("turn.ended", { turnId, error }, { turnId })
}

/** A decision whose agent is gone is told as such, and never as delivered. */
export function abandonDeliveries(recording: Recording, reason: string) {
  for (const { approvalId, outcome } of recording.state.approvals)
    if (outcome !== undefined) recording.record("approval.undeliverable", { approvalId, reason })
}

/** Milliseconds between two instants, never negative: clocks step back. */
export function since(start: string, end: string) {
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
