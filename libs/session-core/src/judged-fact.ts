import type { AgentFact, PermissionFact, QuestionFact } from "@aegis/acp-runtime"
import type { Judgement } from "@aegis/policy"

/** An agent's fact with what `decide` may not make itself: ids, digests, and what policy says. */
export type JudgedFact = Exclude<AgentFact, PermissionFact | QuestionFact> | JudgedPermission | IdentifiedQuestion

export interface JudgedPermission extends PermissionFact {
  readonly approvalId: string
  /** SHA-256 over the canonical (RFC 8785) tool call: 64 hex digits. */
  readonly digest: string
  readonly judgement: Judgement
}

export interface IdentifiedQuestion extends QuestionFact {
  readonly questionId: string
}
