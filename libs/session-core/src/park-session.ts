import type { Recording } from "./recording.ts"
import { isEnded, isParkable } from "./session-state.ts"

/** Saves the process of a session that has nothing to do (spec/sessions.md, Hibernate); one that has is left alone. */
export function parkSession(recording: Recording, reason: string) {
  if (isParkable(recording.state)) recording.record("session.parked", { reason })
}

/** It says why nothing happens: told once. */
export function waitForProcess(recording: Recording, limit: number) {
  const { state } = recording
  if (!isEnded(state) && !state.run && !state.waiting) recording.record("session.waiting", { limit })
}
