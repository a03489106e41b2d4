import type { Policy } from "@aegis/policy"
import type { Actor, AegisEvent, SystemEvent } from "./events.ts"

/** A version of the policy by which the server judges, or of the one that is tried: who has set it, and when. */
export interface PolicyVersion {
  readonly version: number
  readonly at: string
  readonly by: Actor
  /** Names the document; absent: from then on there is none. */
  readonly digest?: string
}

/** With what it says. */
export interface KeptPolicy extends PolicyVersion {
  readonly document?: Policy
}

/** Documents are kept apart: they are large, and other things change more often. */
export interface PolicyVersions {
  /** Of the last one, of either kind. */
  readonly last: number
  readonly current?: PolicyVersion
  /** On trial: what it would say is written down, and nothing follows from it. */
  readonly shadow?: PolicyVersion
}

/** Which of the two an event is about. */
export const policyKinds = { "policy.updated": "current", "policy.shadow_updated": "shadow" } as const

export type PolicyKind = (typeof policyKinds)[keyof typeof policyKinds]
export type PolicyEvent = Extract<SystemEvent, { readonly type: keyof typeof policyKinds }>

export function isPolicyEvent(event: AegisEvent): event is PolicyEvent {
  return Object.hasOwn(policyKinds, event.type)
}

/** Pure. */
export function evolvePolicies(versions: PolicyVersions | undefined, event: PolicyEvent): PolicyVersions {
  const { type, at, actor: by, data } = event
  const { version, digest } = data
  return {
    ...versions,
    last: version,
    [policyKinds[type]]: { version, at, by, ...(digest === undefined ? {} : { digest }) },
  }
}
