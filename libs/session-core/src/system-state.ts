import { type AccessKeys, evolveKeys } from "./access-key.ts"
import type { Actor, SystemEvent } from "./events.ts"
import { evolveShared, type Ledger } from "./ledger.ts"
import { evolveMemory, type MemorySpaces } from "./memory-space.ts"
import { evolvePolicies, type PolicyVersions } from "./policy-version.ts"
import type { SystemStreamEvent } from "./system-change.ts"
import { countTemplates, type TemplateCounts } from "./template-counts.ts"

/** What holds for all sessions, as the events of the system's own stream give it. Survives JSON. */
export interface SystemState {
  readonly stop?: Stop
  /** Those that are good, by their id. */
  readonly keys?: AccessKeys
  /** Logins that were ended, until they would have ended by themselves. */
  readonly logouts?: Readonly<Record<string, string>>
  /** What budgets count that are more than one session's. */
  readonly ledger?: Ledger
  readonly policies?: PolicyVersions
  readonly memory?: MemorySpaces
  /** How many each tenant has. */
  readonly templates?: TemplateCounts
}

/** All work is stopped: who did it, when and why. */
export interface Stop {
  readonly at: string
  readonly by: Actor
  readonly reason: string
}

/** The one place where the system's state changes. Pure; the same object means unchanged. */
export function evolveSystem(state: SystemState | undefined, event: SystemStreamEvent): SystemState {
  switch (event.type) {
    case "system.opened":
      return {}
    case "system.stopped":
      return { ...state, stop: { at: event.at, by: event.actor, reason: event.data.reason } }
    case "system.resumed":
      return resumed(state)
    case "key.created":
    case "key.updated":
    case "key.rotated":
    case "key.revoked":
      return { ...state, keys: evolveKeys(state?.keys ?? {}, event) }
    case "ledger.reserved":
    case "ledger.settled":
    case "ledger.extended":
      return { ...state, ledger: evolveShared(state?.ledger ?? {}, event) }
    case "policy.updated":
    case "policy.shadow_updated":
      return { ...state, policies: evolvePolicies(state?.policies, event) }
    case "memory.set":
    case "memory.deleted":
      return { ...state, memory: evolveMemory(state?.memory ?? {}, event) }
    case "template.created":
    case "template.updated":
    case "template.deleted":
      return { ...state, templates: countTemplates(state?.templates ?? {}, event) }
    case "auth.logout":
      return loggedOut(state, event)
    case "auth.code_created":
    case "auth.login":
    case "auth.failed":
    case "auth.denied":
    case "audit.exported":
    case "server.started":
    case "server.ended":
      // They are told, and change nothing.
      return state ?? {}
  }
}

// No more of them than there were logins in the time that one lasts.
function loggedOut(
  { logouts = {}, ...state }: SystemState = {},
  { at, data: { loginId, until } }: SystemEvent & { readonly type: "auth.logout" },
): SystemState {
  const lasting = Object.entries(logouts).filter(([, end]) => end > at)
  return { ...state, logouts: { ...Object.fromEntries(lasting), [loginId]: until } }
}

function resumed({ stop: _stop, ...state }: SystemState = {}): SystemState {
  return state
}
