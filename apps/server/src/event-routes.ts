import { operations } from "@aegis/openapi-contract"
import type { Aegis } from "@aegis/session-core"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { Context } from "hono"
import { type EventAudience, eventAudienceOf } from "./event-audience.ts"
import { SECURE_HEADERS } from "./guard-request.ts"
import { guarded } from "./guarded.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, holderOf, type RouteParts } from "./routes.ts"

const STREAM_HEADERS = {
  ...SECURE_HEADERS,
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
}

type Entries = Awaited<ReturnType<Aegis["readEvents"]>>

interface PageQuery {
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
}

/** How many pages of the log are gone through for one that is asked for. */
const MOST_PAGES = 20

/** Routes of events: pages of the log, and streams. */
export function addEventRoutes(app: App, parts: RouteParts) {
  const { aegis, audiences, config, connections, streams } = parts

  app.openapi(guarded(operations.listSessionEvents, parts), async (context) =>
    context.json((await sessionPage(context.req.valid("query"), context.req.param("id"))) as never, 200),
  )
  app.openapi(guarded(operations.listEvents, parts), async (context) =>
    context.json((await page(context.req.valid("query"), audienceOf(context))) as never, 200),
  )

  app.openapi(
    guarded(operations.subscribeSessionEvents, parts),
    (context) => stream(context, context.req.param("id")) as never,
  )
  app.openapi(guarded(operations.subscribeEvents, parts), (context) => stream(context) as never)

  // What is upgraded never comes here: for whoever looks with something else.
  app.get("/v1/ws", (context) => {
    connections.check(context.env.address)
    throw new RequestProblem("upgrade-required", "This is a WebSocket: connect to it as one, with ws:// or wss://.")
  })

  async function sessionPage({ after, before, limit }: PageQuery, sessionId: string) {
    const entries = await aegis.readEvents({ ...rangeOf({ after, before }), stream: sessionId, limit: limit + 1 })
    return toPage(entries.slice(0, limit), entries.length > limit ? entries[limit - 1]?.seq : undefined)
  }

  // Where most of it may not be seen a page may be short, or empty: it says where to go on.
  async function page({ after, before, limit }: PageQuery, audience: EventAudience) {
    const found: Entries[number][] = []
    let range = rangeOf({ after, before })
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const entries = await aegis.readEvents({ ...range, limit: limit + 1 })
      const looked = entries.slice(0, limit)
      await audiences.prepare(looked)
      const visible = audiences.narrow(looked, audience)
      const taken = visible.slice(0, limit - found.length)
      found.push(...taken)
      const isWhole = taken.length === visible.length
      const last = (isWhole ? looked : taken).at(-1)?.seq
      if ((isWhole && entries.length <= limit) || last === undefined) return toPage(found, undefined)
      if (found.length === limit) return toPage(found, last)
      range = { ...range, ...(range.direction === "forward" ? { after: last } : { before: last }) }
    }
    return toPage(found, range.direction === "forward" ? range.after : range.before)
  }

  function audienceOf(context: Context<Env>) {
    return eventAudienceOf(holderOf(context).principal, config.sharing)
  }

  function stream(context: Context<Env>, sessionId?: string) {
    const { outgoing, address } = context.env
    if (!outgoing) throw new Error("An event stream needs a connection of its own.")
    const after = cursorOf(context)
    connections.check(address)
    const headers = { ...STREAM_HEADERS, "X-Request-Id": context.get("requestId") }
    // Asked whether there is one, and not for it.
    if (context.req.method === "HEAD") return context.body(null, 200, headers)
    const { principal, expiresAt, login } = holderOf(context)
    const who = {
      keyId: principal.keyId,
      loginId: login?.id,
      audience: audienceOf(context),
      expiresAt,
      authorizedAt: context.get("authorizedAt"),
    }
    streams.open(outgoing, headers, { address, sessionId, after, ...who })
    return RESPONSE_ALREADY_SENT.clone()
  }
}

function rangeOf({ after, before }: Omit<PageQuery, "limit">) {
  return {
    direction: after === undefined ? ("backward" as const) : ("forward" as const),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  }
}

function toPage(entries: Entries, last: number | undefined) {
  return { items: entries.map(({ event }) => event), ...(last === undefined ? {} : { nextCursor: String(last) }) }
}

// A reconnecting browser repeats its first address and adds the header: the header is the later one.
function cursorOf(context: Context<Env>) {
  const given = context.req.header("Last-Event-ID") ?? context.req.query("after") ?? "0"
  const cursor = Number(given)
  if (/^\d{1,15}$/.test(given)) return cursor
  throw new RequestProblem(
    "cursor-invalid",
    `"${given.slice(0, 40)}" is no event id: Last-Event-ID and after are whole numbers.`,
  )
}
