import type { AgentFact, PermissionFact, QuestionFact } from "@aegis/acp-runtime"
import type { Judgement } from "@aegis/policy"
import type { BoundFile } from "./events.ts"

/** An agent's fact with what `decide` may not make itself: ids, digests, and what policy says. */
export type JudgedFact = Exclude<AgentFact, PermissionFact | QuestionFact> | JudgedPermission | IdentifiedQuestion

export interface JudgedPermission extends PermissionFact {
  readonly approvalId: string
  /** SHA-256 over the canonical (RFC 8785) tool call: 64 hex digits. */
  readonly digest: string
  readonly files: readonly BoundFile[]
  /** Names what the call does and leads to, whatever its id and its words: SHA-256, in hex. */
  readonly call: string
  readonly judgement: Judgement
  /** What it takes to approve it, where a person has to. */
  readonly terms: ApprovalTerms
  readonly shadow?: ShadowJudgement | undefined
}

/** What the policy that is tried would have said, beside what was said. */
export interface ShadowJudgement extends Judgement {
  readonly version: number
  readonly before: Pick<Judgement, "decision" | "rule">
  readonly isChanged: boolean
}

export interface ApprovalTerms {
  /** How many persons have to approve; a single no rejects. */
  readonly required: number
  /** Of which roles they have to be; absent: of any that may approve. */
  readonly roles?: readonly string[]
  /** Who asked for the work is not one of them. */
  readonly notRequester?: boolean
  /** How long they have for it; absent: as long as the agent waits. */
  readonly expiresAfterMs?: number
}

export interface IdentifiedQuestion extends QuestionFact {
  readonly questionId: string
}
