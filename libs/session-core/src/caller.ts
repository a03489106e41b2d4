import type { Actor } from "./events.ts"

/** Who wants something, and for whom. */
export interface Caller {
  readonly actor: Actor
  readonly owner: { readonly userId: string; readonly tenantId: string }
  /** The session whose agent it is; absent: it is none's. */
  readonly agentOf?: string | undefined
  /** For approvals that take certain roles (spec/policy.md); absent: none of them. */
  readonly role?: string | undefined
  /** Makes a write happen once, however often it is asked for (spec/sessions.md, Turns). */
  readonly idempotency?: Idempotency | undefined
}

/** For 24 hours: the same key with the same wish gets the same answer, with another one `idempotency-mismatch`. */
export interface Idempotency {
  /** Names the wish among all of all callers. */
  readonly key: string
  /** What is wished for, as a digest. */
  readonly fingerprint: string
}
