import type { PermissionMode } from "./words.ts"

/** Whether a mode lets more happen without a person than another one (spec/rest.md, `session.send` never weakens the gate). */
export function asksLess(mode: PermissionMode, than: PermissionMode) {
  return lets[mode] > lets[than]
}

// `auto` is the agent's own judgement: more than edits, and not everything.
const lets: Readonly<Record<PermissionMode, number>> = {
  plan: 0,
  default: 0,
  dontAsk: 0,
  acceptEdits: 1,
  auto: 2,
  bypassPermissions: 3,
}
