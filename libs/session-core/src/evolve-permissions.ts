import type { SessionEventData } from "./events.ts"
import type { SessionPermissions, SessionPolicy, SessionState } from "./session-state.ts"

/** What a session's title is, nobody decides by. Pure. */
export function permissionsUpdated(state: SessionState, { policy, forgotten }: SessionEventData<"session.updated">) {
  if (policy === undefined && forgotten === undefined) return state
  const { version, policy: present, remembered = {} } = state.permissions ?? NONE
  const kept = Object.entries(remembered).filter(([, approvalId]) => !forgotten?.includes(approvalId))
  const own = policy === undefined ? present : toPolicy(policy)
  return {
    ...state,
    permissions: { version: version + 1, ...(own ? { policy: own } : {}), remembered: Object.fromEntries(kept) },
  }
}

export function remember(state: SessionState, { approvalId, call }: SessionEventData<"approval.remembered">) {
  const { version, remembered, ...permissions } = state.permissions ?? NONE
  return {
    ...state,
    permissions: { ...permissions, version: version + 1, remembered: { ...remembered, [call]: approvalId } },
  }
}

/** Of a session that is made. */
export function firstPermissions(policy: SessionEventData<"session.created">["policy"]) {
  const own = policy && toPolicy(policy)
  return own ? { permissions: { version: 1, policy: own } } : {}
}

const NONE: SessionPermissions = { version: 0 }

// What the log has was checked when it was written.
function toPolicy(policy: SessionEventData<"session.created">["policy"] | null): SessionPolicy | undefined {
  return (policy ?? undefined) as SessionPolicy | undefined
}
