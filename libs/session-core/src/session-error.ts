const brand = Symbol.for("@aegis/session-core/error")

/** All codes of this library. Each message says what was refused and what to do. */
export type SessionErrorCode =
  | "session-not-found"
  | "session-exists"
  | "session-ended"
  | "not-driven"
  | "turn-busy"
  | "command-unknown"
  | "no-turn"
  | "all-stopped"
  | "not-restartable"
  | "approval-not-found"
  | "not-an-approver"
  | "approval-ambiguous"
  | "approval-consumed"
  | "approval-changed"
  | "digest-mismatch"
  | "option-not-offered"
  | "question-not-found"
  | "workdir-invalid"
  | "workdir-forbidden"
  | "mode-not-allowed"
  | "child-asks-less"
  | "child-outside"
  | "too-many-children"
  | "child-too-deep"
  | "agent-unknown"
  | "agent-not-installed"
  | "cassette-invalid"
  | "traffic-not-recorded"
  | "answer-invalid"
  | "budget-not-found"
  | "budget-of-all"
  | "budget-unlimited"
  | "idempotency-mismatch"
  | "key-not-found"
  | "too-many-keys"
  | "version-mismatch"
  | "labels-ruled"
  | "mode-fixed"
  | "not-forkable"
  | "driver-held"
  | "driver-absent"
  | "fence-stale"
  | "option-not-allowed"
  | "option-restricted"
  | "options-fixed"
  | "policy-configured"
  | "policy-not-found"
  | "not-rememberable"
  | "memory-not-found"
  | "memory-key-invalid"
  | "too-much-memory"
  | "template-not-found"
  | "template-built-in"
  | "template-variables"
  | "too-many-templates"
  | "pipeline-not-found"
  | "pipeline-invalid"
  | "routine-not-found"
  | "cron-invalid"
  | "time-zone-unknown"
  | "routine-busy"
  | "too-many-routines"
  | "key-refused"
  | "prompt-too-long"
  | "repository-missing"
  | "repository-elsewhere"
  | "git-failed"
  | "base-unknown"
  | "base-gone"
  | "git-not-installed"
  | "diff-too-large"
  | "too-many-diffs"

/** Every failure that leaves this library. */
export class SessionError extends Error {
  override readonly name = "SessionError"
  readonly code: SessionErrorCode
  readonly [brand] = true

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** Recognizes errors of another installed copy of this library too. */
  static is(error: unknown): error is SessionError {
    return typeof error === "object" && error !== null && brand in error
  }
}
