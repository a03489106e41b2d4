import { permissionOf } from "@aegis/openapi-contract"
import { authorize, type Principal, type Target } from "@aegis/policy"
import type { Aegis } from "@aegis/session-core"
import { SessionError } from "@aegis/session-core"
import type { Context } from "hono"
import { getCookie } from "hono/cookie"
import type { Credentials } from "./credentials.ts"
import type { RequestLimits } from "./limit-requests.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"

export interface AuthorizeRequestOptions {
  readonly aegis: Aegis
  readonly credentials: Credentials
  readonly limits: RequestLimits
}

export const COOKIE = "aegis_session"

/** Who calls, and whether they may: the one place, for every operation, from the contract's mark. */
export async function authorizeRequest(context: Context<Env>, operation: object, options: AuthorizeRequestOptions) {
  const mark = permissionOf(operation)
  const { principal, expiresAt, via = context.env.door ?? "rest" } = authenticate(context, options)
  context.set("principal", principal)
  context.set("via", via)
  context.set("streamExpiresAt", expiresAt)
  refuse(authorize(principal, mark, { sharing: "tenant" }))
  const sessionId = context.req.param("id")
  if (sessionId === undefined) return
  refuse(authorize(principal, mark, { target: await targetOf(options.aegis, sessionId), sharing: "tenant" }), sessionId)
}

interface Identity {
  readonly principal: Principal | undefined
  readonly expiresAt?: number
  readonly via?: "dashboard"
  /** What was shown was never a credential of this server. */
  readonly isGuess?: boolean
}

/** The principal behind the request's credential, if it is a good one; counts both, and refuses what is too often. */
export function authenticate(
  context: Context<Env>,
  { credentials, limits }: Pick<AuthorizeRequestOptions, "credentials" | "limits">,
): Identity {
  const identity = identify(context, credentials)
  if (identity.isGuess) limits.failedAuthentication(context)
  if (identity.principal) limits.byKey(context, identity.principal.keyId)
  return identity
}

function identify(context: Context<Env>, credentials: Credentials): Identity {
  const given = /^Bearer ([^\s]+)$/i.exec(context.req.header("Authorization") ?? "")?.[1] ?? context.req.query("token")
  if (given === undefined) {
    const cookie = getCookie(context, COOKIE)
    return { principal: cookie === undefined ? undefined : credentials.ofCookie(cookie), via: "dashboard" }
  }
  const stream = credentials.ofStreamToken(given)
  if (stream) return stream
  // Keys come in the header only: an address is written down in too many places.
  const principal = context.req.header("Authorization") === undefined ? undefined : credentials.ofToken(given)
  return { principal, isGuess: principal === undefined && !credentials.wasStreamToken(given) }
}

async function targetOf(aegis: Aegis, sessionId: string): Promise<Target> {
  return { ...(await aegis.ownerOf(sessionId)), sessionId }
}

function refuse(verdict: ReturnType<typeof authorize>, sessionId = "") {
  if (verdict === "unauthenticated")
    throw new RequestProblem(
      "credential-missing",
      "Send a valid credential: Authorization: Bearer with the token of `ag token`; for streams, a token of POST /v1/auth/sse-token.",
    )
  if (verdict === "forbidden") throw new RequestProblem("permission-missing", "This credential may not do that.")
  // Exactly as if there were none.
  if (verdict === "absent") throw new SessionError("session-not-found", `There is no session ${sessionId}.`)
}
