import type { Context } from "hono"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { holderOf, type RouteParts } from "./routes.ts"
import { statusOfCode } from "./status-of-code.ts"

/** Each part counts as a request by itself; the first one is the request. Rejects with `rate-limited`. */
export function countPart(context: Context<Env>, index: number, { limits }: Pick<RouteParts, "limits">) {
  if (index > 0) limits.another(holderOf(context).principal.keyId)
}

export interface PartProblemOptions {
  /** Where in the request it is. */
  readonly path: string
  /** What the whole request is told, before the part's own words. */
  readonly words: string
}

/** Why the whole request is refused, when a part of it is; what is no problem of the contract stays what it is. */
export function partProblem(error: unknown, { path, words }: PartProblemOptions) {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (!(error instanceof Error) || statusOfCode(code) === undefined) return error
  const errors = [{ path, message: error.message }]
  const retryAfterSeconds = error instanceof RequestProblem ? error.retryAfterSeconds : undefined
  return new RequestProblem(code, `${words}: ${error.message}`, { errors, retryAfterSeconds })
}
