const brand = Symbol.for("@aegis/client/problem")

export interface ProblemDetails {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Stable, kebab-case: the server's, or `unreachable` and `answer-unreadable` of this client. */
  readonly code: string
  readonly detail: string
  readonly requestId?: string | undefined
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** A call that was refused, or found nobody. */
export class AegisProblem extends Error {
  override readonly name = "AegisProblem"
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined
  readonly errors: ProblemDetails["errors"]
  readonly retryAfterSeconds: number | undefined
  readonly [brand] = true

  constructor({ status, code, detail, requestId, errors, retryAfterSeconds }: ProblemDetails, options?: ErrorOptions) {
    super(
      errors?.length
        ? `${detail} ${errors.map(({ path, message }) => `${path || "body"}: ${message}`).join("; ")}`
        : detail,
      options,
    )
    this.status = status
    this.code = code
    this.requestId = requestId
    this.errors = errors
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** Recognizes problems of another installed copy of this library too. */
  static is(error: unknown): error is AegisProblem {
    return typeof error === "object" && error !== null && brand in error
  }

  /** Of an answer that is no success. */
  static fromAnswer(body: unknown, response: Response): AegisProblem {
    const details = typeof body === "object" && body !== null ? (body as Partial<ProblemDetails>) : {}
    return new AegisProblem({
      status: response.status,
      code: details.code ?? "answer-unreadable",
      detail:
        details.detail ??
        `The server answered ${response.status}, and not with a problem of Aegis: is this the right address?`,
      requestId: details.requestId,
      errors: details.errors,
      retryAfterSeconds: Number(response.headers.get("Retry-After")) || undefined,
    })
  }
}
