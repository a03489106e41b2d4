import type { Context } from "hono"
import { deleteCookie, getCookie, setCookie } from "hono/cookie"
import type { NewLogin } from "./credentials.ts"

/**
 * A browser's login has two halves. The cookie is kept from scripts, but a browser shows it to every port of this host,
 * and so to a server that an agent has started; the page token is kept by the pages of our origin alone, and opens
 * nothing without the cookie (spec/threats.md, B8).
 */
const COOKIE = "aegis_session"
const PAGE_TOKEN = "X-Aegis-Page-Token"

/** `isSecure`: the server is reached over TLS. */
export interface CookieOptions {
  readonly isSecure: boolean
}

export function setLogin(context: Context, { value, maxAgeSeconds }: NewLogin, options: CookieOptions) {
  setCookie(context, COOKIE, value, { ...attributes(options), maxAge: maxAgeSeconds })
}

export function dropLogin(context: Context, options: CookieOptions) {
  deleteCookie(context, COOKIE, attributes(options))
}

/** What a page has shown; undefined without a cookie. */
export function readLogin(context: Context, { isSecure }: CookieOptions) {
  const cookie = isSecure ? getCookie(context, COOKIE, "host") : getCookie(context, COOKIE)
  return cookie === undefined ? undefined : { cookie, pageToken: context.req.header(PAGE_TOKEN) }
}

// Behind TLS no other server of this host or domain can set one of that name.
function attributes({ isSecure }: CookieOptions) {
  const shared = { httpOnly: true, sameSite: "Strict", path: "/" } as const
  return isSecure ? ({ ...shared, secure: true, prefix: "host" } as const) : shared
}
