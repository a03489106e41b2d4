import type { Context } from "hono"
import type { DashboardFile, DashboardFiles } from "./dashboard-files.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { App } from "./routes.ts"

// Nothing inline, nothing from elsewhere, in no frame (spec/threats.md, B6).
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

/** The dashboard's pages and files. They hold no secret: what they show, they ask for with a credential. */
export function addDashboardRoutes(app: App, files: DashboardFiles | undefined) {
  app.get("/", (context) => context.redirect("/dashboard/", 302))
  app.get("/dashboard/*", (context) => {
    // Not `req.path`: that one has lost its last slash.
    const path = new URL(context.req.url).pathname
    if (path === "/dashboard") return context.redirect("/dashboard/", 302)
    if (!files) return context.text(notBuilt, 503)
    const name = path.slice("/dashboard/".length)
    const file = files.get(name) ?? (isPage(name) ? files.get("index.html") : undefined)
    if (!file) throw new RequestProblem("not-found", `The dashboard has no file ${name}.`)
    return fileReply(context, file)
  })
}

// The pages are one file, which looks at the address itself; what has an ending is a file by its name.
function isPage(name: string) {
  return /^[^.%\\]{0,256}$/.test(name)
}

function fileReply(context: Context, { body, zipped, type, etag, isImmutable }: DashboardFile) {
  const isZipped = /\bgzip\b/.test(context.req.header("Accept-Encoding") ?? "")
  const headers: Record<string, string> = {
    "Content-Type": type,
    "Content-Security-Policy": policy,
    "Cache-Control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    ETag: etag,
    Vary: "Accept-Encoding",
  }
  if (context.req.header("If-None-Match") === etag) return context.body(null, 304, headers)
  if (isZipped) headers["Content-Encoding"] = "gzip"
  return context.body(isZipped ? zipped() : body, 200, headers)
}

const notBuilt = "The dashboard is not built in this checkout. Build it: pnpm build\n"
