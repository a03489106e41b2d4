import type { Problem } from "@aegis/openapi-contract"
import type { Context } from "hono"
import { HTTPException } from "hono/http-exception"
import { ZodError } from "zod"
import { shownText } from "./shown-text.ts"
import { statusOfCode } from "./status-of-code.ts"

/** A refusal of the server's own: where it stands in the code, its status stands in the table beside it. */
export class RequestProblem extends Error {
  override readonly name = "RequestProblem"
  readonly code: string
  /** When it may be tried again. */
  readonly retryAfterSeconds: number | undefined
  /** What of the request is refused, where it is not all of it. */
  readonly errors: Problem["errors"]

  constructor(code: string, message: string, { retryAfterSeconds, errors }: RequestProblemOptions = {}) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
    this.errors = errors
  }
}

interface RequestProblemOptions {
  readonly retryAfterSeconds?: number | undefined
  readonly errors?: Problem["errors"]
}

/** Any failure as RFC 9457 problem details. What is not ours to tell stays in the log. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof HTTPException)
    return problem(error.status === 413 ? "body-too-large" : "body-invalid", error.message, { requestId })
  if (error instanceof ZodError)
    return problem("request-invalid", "The request does not fit the operation; see errors.", {
      requestId,
      errors: issuesOf(error),
    })
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const errors = error instanceof RequestProblem ? error.errors : undefined
  if (error instanceof Error && statusOfCode(code) !== undefined)
    return problem(code, error.message, { requestId, errors })
  return problem("internal", "Something went wrong here; the server's log has it under this request's id.", {
    requestId,
  })
}

/** Whether a status says that something went wrong here: what this server lacks by its installation (501) is no failure. */
export function isFailure(status: number) {
  return status >= 500 && status !== 501
}

const RETRY_SECONDS = 5

export function problemReply(context: Pick<Context, "body">, error: unknown, requestId: string) {
  const details = toProblem(error, requestId)
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" }
  if (details.status === 401) headers["WWW-Authenticate"] = "Bearer"
  if (details.status === 426) headers.Upgrade = "websocket"
  const wait = error instanceof RequestProblem ? error.retryAfterSeconds : undefined
  if (wait !== undefined || details.status === 503) headers["Retry-After"] = String(wait ?? RETRY_SECONDS)
  return context.body(JSON.stringify(details), details.status as 400, headers)
}

/** What is wrong with a message, where, the first of it; it may say again what was sent, and goes where logs and screens are. */
export function issuesOf({ issues }: ZodError) {
  return issues
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => ({ path: shownText(path.join("."), LONGEST), message: shownText(message, LONGEST) }))
}

const MOST_ISSUES = 50

/** The problem of a code, as it is told. */
export function problem(
  code: string,
  detail: string,
  { requestId, errors }: { readonly requestId: string; readonly errors?: Problem["errors"] },
): Problem {
  const status = statusOfCode(code) ?? 500
  return {
    type: "about:blank",
    title: titles[status] ?? "Error",
    status,
    detail: shownText(detail, LONGEST),
    code,
    requestId,
    ...(errors ? { errors } : {}),
  }
}

/** In characters: a paragraph is enough to know it again. */
const LONGEST = 2000

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
}
