import { permissionOf } from "@aegis/openapi-contract"
import { type AccessMark, type AuthorizeOptions, authorize, type Principal } from "@aegis/policy"
import type { Aegis } from "@aegis/session-core"
import { SessionError } from "@aegis/session-core"
import type { Context } from "hono"
import type { AccessNotes } from "./access-notes.ts"
import type { Config } from "./config-schema.ts"
import type { Credentials, Holder } from "./credentials.ts"
import type { RequestLimits } from "./limit-requests.ts"
import { type CookieOptions, readLogin } from "./login-cookie.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"

export interface AuthorizeRequestOptions extends CookieOptions {
  readonly aegis: Aegis
  readonly credentials: Credentials
  readonly limits: RequestLimits
  readonly notes: AccessNotes
  readonly config: Pick<AuthorizeOptions, "sharing"> & Pick<Config, "hooks">
}

/** Who calls, and whether they may: the one place, for every operation, from the contract's mark. */
export async function authorizeRequest(context: Context<Env>, operation: object, options: AuthorizeRequestOptions) {
  const mark = permissionOf(operation)
  const { sharing } = options.config
  context.set("authorizedAt", options.aegis.head())
  const { holder, via = context.env.door ?? "rest" } = await authenticate(context, options, mark)
  const principal = holder?.principal
  context.set("holder", holder)
  context.set("via", via)
  refuse(authorize(principal, mark, { sharing }), { mark })
  const id = context.req.param("id")
  if (id === undefined || principal === undefined) return
  if (context.req.path.startsWith(KEYS)) await findKey(id, principal, options)
  else if (context.req.path.startsWith(TEMPLATES))
    await authorizeTemplate(principal, mark, { templateId: id, ...options })
  else if (context.req.path.startsWith(PIPELINES))
    await authorizeOwned(principal, mark, { kind: "pipeline", id, ...options })
  else if (context.req.path.startsWith(ROUTINES))
    await authorizeOwned(principal, mark, { kind: "routine", id, ...options })
  else await authorizeSession(principal, mark, { sessionId: id, ...options })
}

/** Rejects as if there were no such key, where it is another tenant's; the machine's own person has to do with all. */
export async function findKey(
  keyId: string,
  principal: Principal,
  { aegis, credentials }: Pick<AuthorizeRequestOptions, "aegis" | "credentials">,
) {
  const key = await aegis.keys.find(keyId)
  if (key && (key.tenantId === principal.tenantId || principal === credentials.local.principal)) return key
  throw new SessionError("key-not-found", `There is no key ${keyId}.`)
}

/** Rejects as if there were no such session, where the principal may not know of it. */
export async function authorizeSession(
  principal: Principal,
  mark: AccessMark,
  { sessionId, aegis, config }: Pick<AuthorizeRequestOptions, "aegis" | "config"> & { readonly sessionId: string },
) {
  const target = { ...(await aegis.ownerOf(sessionId)), sessionId }
  refuse(authorize(principal, mark, { target, sharing: config.sharing }), { sessionId })
}

/** Rejects as if there were no such template, where the principal may not know of it. Those that are built in all may read. */
export async function authorizeTemplate(
  principal: Principal,
  mark: AccessMark,
  { templateId, aegis, config }: Pick<AuthorizeRequestOptions, "aegis" | "config"> & { readonly templateId: string },
) {
  const target = await aegis.templates.find(templateId)
  const isThere = target !== undefined || aegis.templates.builtIn(templateId) !== undefined
  const about = { ...(target ? { target } : {}), sharing: config.sharing }
  const verdict = isThere ? authorize(principal, mark, about) : "absent"
  if (verdict === "absent") throw new SessionError("template-not-found", `There is no template ${templateId}.`)
  refuse(verdict)
}

interface Owned extends Pick<AuthorizeRequestOptions, "aegis" | "config"> {
  readonly kind: "pipeline" | "routine"
  readonly id: string
}

/** Rejects as if there were no such thing, where the principal may not know of it. */
async function authorizeOwned(principal: Principal, mark: AccessMark, { kind, id, aegis, config }: Owned) {
  const target = await aegis[`${kind}s`].find(id)
  const verdict = target ? authorize(principal, mark, { target, sharing: config.sharing }) : "absent"
  if (verdict === "absent") throw new SessionError(`${kind}-not-found`, `There is no ${kind} ${id}.`)
  refuse(verdict)
}

const KEYS = "/v1/auth/keys/"
const TEMPLATES = "/v1/templates/"
const PIPELINES = "/v1/pipelines/"
const ROUTINES = "/v1/routines/"

interface Identity {
  readonly holder: Holder | undefined
  readonly via?: "dashboard"
  /** What was shown was never a credential of this server. */
  readonly isGuess?: boolean
}

/** Who has shown the request's credential, if it is a good one; counts both, and refuses what is too often. */
export async function authenticate(
  context: Context<Env>,
  { credentials, limits, notes, config, isSecure }: Omit<AuthorizeRequestOptions, "aegis">,
  mark?: AccessMark,
): Promise<Identity> {
  const identity =
    mark === "hook"
      ? identifyHook(context, { credentials, ...config.hooks })
      : await identify(context, credentials, { isSecure })
  if (identity.isGuess) await notes.failed(context.env.address, identity.via ?? context.env.door ?? "rest")
  if (identity.isGuess) limits.failedAuthentication(context)
  if (identity.holder) limits.byKey(context, identity.holder.principal.keyId)
  return identity
}

async function identify(context: Context<Env>, credentials: Credentials, options: CookieOptions): Promise<Identity> {
  const shown = bearerOf(context)
  const given = shown ?? context.req.query("token")
  if (given === undefined) {
    const login = readLogin(context, options)
    if (login === undefined) return { holder: undefined, via: "dashboard" }
    const holder = await credentials.ofCookie(login.cookie, login.pageToken)
    // One that is over, or comes without its other half, is what browsers show of themselves.
    return { holder, via: "dashboard", isGuess: !holder && !credentials.wasLogin(login.cookie, login.pageToken) }
  }
  const stream = await credentials.ofStreamToken(given)
  if (stream) return { holder: stream }
  // Keys come in the header only: an address is written down in too many places.
  const holder = shown === undefined ? undefined : await credentials.ofToken(given)
  return { holder, isGuess: holder === undefined && !credentials.wasSigned(given) }
}

/** What is shown in the header for it. */
export function bearerOf(context: Context) {
  return /^Bearer ([^\s]+)$/i.exec(context.req.header("Authorization") ?? "")?.[1]
}

interface IdentifyHookOptions extends Pick<Config["hooks"], "headerOnly"> {
  readonly credentials: Credentials
}

// Nothing else is looked at: no key opens what hooks tell, and their secret opens nothing else.
function identifyHook(context: Context<Env>, { credentials, headerOnly }: IdentifyHookOptions): Identity {
  const header = context.req.header("X-Hook-Secret")
  const inAddress = context.req.queries("secret") ?? []
  const [given = header, ...more] = header === undefined ? inAddress : []
  if (given === undefined) return { holder: undefined }
  const isRefused = more.length > 0 || (header === undefined && headerOnly)
  const holder = isRefused ? undefined : credentials.ofHookSecret(given)
  return { holder, isGuess: holder === undefined }
}

function refuse(
  verdict: ReturnType<typeof authorize>,
  { sessionId = "", mark }: { readonly sessionId?: string; readonly mark?: AccessMark } = {},
) {
  if (verdict === "unauthenticated" && mark === "hook")
    throw new RequestProblem(
      "credential-missing",
      "Send the secret of hooks as X-Hook-Secret: `ag hooks install` does.",
    )
  if (verdict === "unauthenticated")
    throw new RequestProblem(
      "credential-missing",
      "Send a valid credential: Authorization: Bearer with the token of `ag token`; for streams, a token of POST /v1/auth/sse-token.",
    )
  if (verdict === "forbidden") throw new RequestProblem("permission-missing", "This credential may not do that.")
  // Exactly as if there were none.
  if (verdict === "absent") throw new SessionError("session-not-found", `There is no session ${sessionId}.`)
}
