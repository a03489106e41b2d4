import { reserveBudget } from "./decide-budget.ts"
import { endTurn } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { openApprovals, openQuestions } from "./session-state.ts"

/** Agents also work without a prompt: what they do then is a turn that nobody asked for (spec/sessions.md, Turns). */
export function openUnaskedTurn(recording: Recording, turnId: string) {
  if (recording.state.turn) return
  recording.record("turn.started", { turnId, origin: "agent" }, { turnId })
  reserveBudget(recording)
}

/** The agent has said nothing for a while: its own turn is over, unless a tool runs or somebody is waited for. */
export function endQuietTurn(recording: Recording) {
  const { state } = recording
  // Of one that cannot be heard nobody knows whether it is silent.
  if (state.run?.isDetached) return
  const isWaiting = openApprovals(state).length > 0 || openQuestions(state).length > 0
  const isBusy = isWaiting || Object.keys(state.tools).length > 0
  if (!isBusy || state.turn?.cancelling) endUnaskedTurn(recording)
}

/** It gives way to a prompt, too. What it asked for stays open. */
export function endUnaskedTurn(recording: Recording) {
  const { turn } = recording.state
  if (turn?.origin !== "agent") return
  endTurn(recording, { stopReason: turn.cancelling ? "cancelled" : "end_turn" })
}
