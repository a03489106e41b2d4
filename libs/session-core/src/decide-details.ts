import { optionsOf } from "./agent-options.ts"
import { canonical } from "./canonical.ts"
import type { SetMode, SetOptions, UpdateSession } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import { withoutUndefined } from "./evolve.ts"
import { labelIn } from "./label-in.ts"
import type { Recording } from "./recording.ts"
import { refuseObserved } from "./refuse-observed.ts"
import { SessionError } from "./session-error.ts"
import { canComeBack, isEnded, type SessionState } from "./session-state.ts"

/** Gives a session another name, or other labels. */
export function updateSession(recording: Recording, { name, labels, ruled, mayRelabel, ifVersion }: UpdateSession) {
  const { state } = recording
  const refusal = refuseChange(state, ifVersion)
  if (refusal) return refusal
  const fixed = ruled.find((label) => labels && labelIn(labels, label) !== labelIn(state.labels, label))
  if (fixed !== undefined && !mayRelabel)
    return new SessionError(
      "labels-ruled",
      `A rule of the policy goes by the label "${fixed}": to change it takes session.approve.`,
    )
  const changes = withoutUndefined({
    name: name === state.name ? undefined : name,
    labels: labels && canonical(labels) !== canonical(state.labels) ? { ...labels } : undefined,
  })
  if (Object.keys(changes).length > 0) recording.record("session.updated", changes)
  return undefined
}

/** Has a session ask more, or less. What its agent asks from then on is judged so; its agent is told before its next turn. */
export function setMode(recording: Recording, { permissionMode, asksLess, isInherited, ifVersion }: SetMode) {
  const { state } = recording
  const refusal = refuseObserved(state) ?? refuseChange(state, ifVersion)
  if (refusal) return refusal
  if (permissionMode === state.permissionMode) return undefined
  if (asksLess)
    return new SessionError(
      "child-asks-less",
      `The mode ${permissionMode} asks less than the parent's: a child asks no less.`,
    )
  const isKept = agentMode(permissionMode) === agentMode(state.permissionMode)
  if (!isInherited && !isKept && state.run && !canComeBack(state))
    return new SessionError(
      "mode-fixed",
      `The session's agent is in the mode ${agentMode(state.permissionMode)} by itself, and cannot be started again without forgetting: begin another session in the mode ${permissionMode}.`,
    )
  recording.record("session.updated", { permissionMode })
  return undefined
}

/** Sets its agent's options. They are told to it before its next turn. */
export function setOptions(recording: Recording, { options, ifVersion }: SetOptions) {
  const { state } = recording
  const refusal = refuseObserved(state) ?? refuseChange(state, ifVersion)
  if (refusal) return refusal
  if (canonical(options) === canonical(optionsOf(state))) return undefined
  if (state.run && !canComeBack(state))
    return new SessionError(
      "options-fixed",
      "The session's agent has its options since its start, and cannot be started again without forgetting: begin another session with them.",
    )
  recording.record("session.updated", { options: { ...options } })
  return undefined
}

/** What the agent itself is in: all that it does not know is ours (spec/sessions.md, Modes). */
function agentMode(permissionMode: string) {
  return permissionMode === "plan" || permissionMode === "auto" ? permissionMode : "default"
}

function refuseChange(state: SessionState, ifVersion: number | undefined) {
  // One that has crashed may be begun again.
  if (isEnded(state) && state.end !== "crashed") return refuseEnded(state)
  const { version = 1 } = state
  if (ifVersion === undefined || ifVersion === version) return undefined
  return new SessionError(
    "version-mismatch",
    `The session's name, labels, mode and options are at version ${version}, and not at ${ifVersion}: read them again, and decide anew.`,
  )
}
