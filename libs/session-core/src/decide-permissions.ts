import type { SetPermissions } from "./command.ts"
import { refuseEnded } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded } from "./session-state.ts"

/** Gives a session another policy of its own, and has it forget what it remembers of approvals. */
export function setPermissions(recording: Recording, { policy, remembered, ifVersion }: SetPermissions) {
  const { state } = recording
  // One that has crashed may be begun again.
  if (isEnded(state) && state.end !== "crashed") return refuseEnded(state)
  const { version, policy: present, remembered: known = {} } = state.permissions ?? { version: 0 }
  if (ifVersion !== undefined && ifVersion !== version)
    return new SessionError(
      "version-mismatch",
      `The session's permissions are at version ${version}, and not at ${ifVersion}: read them again, and decide anew.`,
    )
  const ids = Object.values(known)
  const unknown = remembered?.find((id) => !ids.includes(id))
  if (unknown !== undefined)
    return new SessionError("approval-not-found", `Session ${state.sessionId} remembers no approval ${unknown}.`)
  const forgotten = remembered === undefined ? [] : ids.filter((id) => !remembered.includes(id))
  const isOther = policy !== undefined && JSON.stringify(policy) !== JSON.stringify(present ?? null)
  if (!isOther && forgotten.length === 0) return undefined
  recording.record("session.updated", {
    ...(isOther ? { policy } : {}),
    ...(forgotten.length > 0 ? { forgotten } : {}),
  })
  return undefined
}
