import type { MiddlewareHandler } from "hono"
import { RequestProblem } from "./problem-reply.ts"

export interface GuardRequestOptions {
  /** The names under which this server is reached, with port: `127.0.0.1:9100`. Exact, no patterns. */
  readonly hosts: () => ReadonlySet<string>
  /** The origins whose pages may talk to it. */
  readonly origins: () => ReadonlySet<string>
}

/** Host and Origin, before anything else: against pages of other sites and names that point here (spec/threats.md, B). */
export function guardRequest({ hosts, origins }: GuardRequestOptions): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("Host") ?? ""
    if (!hosts().has(host))
      throw new RequestProblem(
        "host-not-served",
        "This server is not reached under that name; use its own address, or configure baseUrl.",
      )
    const origin = context.req.header("Origin")
    if (origin !== undefined && !origins().has(origin))
      throw new RequestProblem("origin-forbidden", "Pages of another origin may not talk to this server.")
    const site = context.req.header("Sec-Fetch-Site")
    // Any port of this machine is the same site, and its pages send our cookie along: without an Origin they may follow a
    // link to our pages, and that is all.
    const isNeighbour = site === "same-site" && origin === undefined && !isDashboard(context.req.path)
    if (site === "cross-site" || isNeighbour)
      throw new RequestProblem("origin-forbidden", "Pages of another site may not talk to this server.")
    await next()
  }
}

function isDashboard(path: string) {
  return path === "/" || path === "/dashboard" || path.startsWith("/dashboard/")
}

/** A body is JSON and says so; anything else is what a foreign page can send without asking first. */
export const requireJson: MiddlewareHandler = async (context, next) => {
  const { method } = context.req
  const type = context.req.header("Content-Type")
  const hasBody =
    type !== undefined ||
    Number(context.req.header("Content-Length") ?? 0) > 0 ||
    context.req.header("Transfer-Encoding") !== undefined
  if (method !== "GET" && method !== "HEAD" && hasBody && !/^application\/json(; ?charset=utf-8)?$/i.test(type ?? ""))
    throw new RequestProblem("media-type-unsupported", "Send the body as application/json, in UTF-8.")
  if (context.req.header("Content-Encoding") !== undefined)
    throw new RequestProblem("media-type-unsupported", "Send the body without compression.")
  await next()
}

const CONTENT_POLICY = "Content-Security-Policy"

/** What every answer says to a browser; a page has a content policy of its own. */
export const SECURE_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "X-Aegis-API-Version": "1",
  [CONTENT_POLICY]: "default-src 'none'; frame-ancestors 'none'",
} as const

export const secureHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  const { headers } = context.res
  for (const [name, value] of Object.entries(SECURE_HEADERS))
    if (name !== CONTENT_POLICY || !headers.has(name)) headers.set(name, value)
}
