/** The HTTP status of every problem code that leaves this server: the libraries' and its own. */
export function statusOfCode(code: string): number | undefined {
  return Object.hasOwn(statuses, code) ? statuses[code] : undefined
}

const statuses: Readonly<Record<string, number>> = {
  // The server's own.
  "body-invalid": 400,
  "body-too-large": 413,
  "request-invalid": 400,
  "cursor-invalid": 400,
  "media-type-unsupported": 415,
  "host-not-served": 421,
  "origin-forbidden": 403,
  "credential-missing": 401,
  "login-code-invalid": 401,
  "permission-missing": 403,
  "not-found": 404,
  "upgrade-required": 426,
  "rate-limited": 429,
  "too-many-streams": 429,
  "streams-exhausted": 503,
  "audit-unavailable": 503,
  internal: 500,
  // @aegis/session-core
  "session-not-found": 404,
  "session-exists": 409,
  "session-ended": 409,
  "turn-busy": 409,
  "no-turn": 409,
  "not-restartable": 409,
  "all-stopped": 409,
  "approval-not-found": 404,
  "approval-ambiguous": 409,
  "approval-consumed": 409,
  "digest-mismatch": 409,
  "option-not-offered": 409,
  "question-not-found": 409,
  "workdir-invalid": 400,
  "agent-unknown": 422,
  "mode-not-allowed": 422,
  "agent-not-installed": 422,
  "answer-invalid": 422,
  "idempotency-mismatch": 422,
  "key-not-found": 404,
  "too-many-keys": 409,
  // @aegis/event-log
  "storage-full": 503,
  "storage-failed": 503,
  "outcome-unknown": 503,
  "log-closed": 503,
  "proof-impossible": 400,
}
