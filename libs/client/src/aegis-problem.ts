const brand = Symbol.for("@aegis/client/problem")

export interface ProblemDetails {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /**
   * Stable, kebab-case: the server's, or of this client `unreachable`, `answer-unreadable`, and of what it verifies
   * `history-broken`, `inclusion-broken`, `consistency-broken`, `checkpoint-broken`, `checkpoint-untrusted`,
   * `export-broken`, `key-broken`.
   */
  readonly code: string
  /** What was refused, and what to do. */
  readonly detail: string
  readonly requestId?: string | undefined
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined
  /** How long the server asked to be left alone. */
  readonly retryAfterSeconds?: number | undefined
}

/** A call that was refused, found nobody, or brought what cannot be right. */
export class AegisProblem extends Error implements ProblemDetails {
  override readonly name = "AegisProblem"
  readonly status: number
  readonly code: string
  readonly detail: string
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
    this.detail = detail
    this.requestId = requestId
    this.errors = errors
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** Recognizes problems of another installed copy of this library too. */
  static is(error: unknown): error is AegisProblem {
    return typeof error === "object" && error !== null && brand in error
  }

  /** Whether waiting may help: nobody there, too much to do, or a fault of the server's. */
  static mayPass(error: unknown): boolean {
    return AegisProblem.is(error) && (error.status === 0 || error.status === 429 || error.status >= 500)
  }

  /** Of an answer that is no success. */
  static fromAnswer(body: unknown, response: Response): AegisProblem {
    const retryAfterSeconds = retryAfterOf(response)
    if (!isProblem(body)) return AegisProblem.unreadable(response.status, { retryAfterSeconds })
    const { code, detail, requestId, errors } = body
    return new AegisProblem({ status: response.status, code, detail, requestId, errors, retryAfterSeconds })
  }

  /** Of an answer that is not Aegis' way to speak: another server's, or a cut one. */
  static unreadable(status: number, { cause, retryAfterSeconds }: UnreadableOptions = {}): AegisProblem {
    const detail = `The answer (status ${status}) is not one of Aegis: check the address, and what stands between.`
    return new AegisProblem({ status, code: "answer-unreadable", detail, retryAfterSeconds }, { cause })
  }

  /** Of no answer at all. */
  static unreachable(baseUrl: string, cause?: unknown): AegisProblem {
    const detail = `No server answers at ${baseUrl}. Start it (ag server start), or check the address.`
    return new AegisProblem({ status: 0, code: "unreachable", detail }, { cause })
  }
}

interface UnreadableOptions {
  readonly cause?: unknown
  readonly retryAfterSeconds?: number | undefined
}

/** The seconds of `Retry-After`, where the answer has it. */
export function retryAfterOf({ headers }: Response) {
  const text = headers.get("Retry-After")
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}

function isProblem(body: unknown): body is ProblemDetails {
  const { code, detail } = (body ?? {}) as Partial<Record<keyof ProblemDetails, unknown>>
  return typeof code === "string" && typeof detail === "string"
}
