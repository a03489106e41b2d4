import { canonical } from "./canonical.ts"
import type { UpdateSession } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import { withoutUndefined } from "./evolve.ts"
import { labelIn } from "./label-in.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded } from "./session-state.ts"

/** Gives a session another name, or other labels. */
export function updateSession(recording: Recording, { name, labels, ruled, mayRelabel, ifVersion }: UpdateSession) {
  const { state } = recording
  // One that has crashed may be begun again.
  if (isEnded(state) && state.end !== "crashed") return refuseEnded(state)
  const { version = 1 } = state
  if (ifVersion !== undefined && ifVersion !== version)
    return new SessionError(
      "version-mismatch",
      `The session's name and labels are at version ${version}, and not at ${ifVersion}: read them again, and decide anew.`,
    )
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
