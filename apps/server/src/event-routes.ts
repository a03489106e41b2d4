import { operations } from "@aegis/openapi-contract"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { Context } from "hono"
import { SECURE_HEADERS } from "./guard-request.ts"
import { guarded } from "./guarded.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import type { App, RouteParts } from "./routes.ts"

const STREAM_HEADERS = {
  ...SECURE_HEADERS,
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Accel-Buffering": "no",
}

/** Routes of events: pages of the log, and streams. */
export function addEventRoutes(app: App, parts: RouteParts) {
  const { aegis, connections, streams } = parts

  app.openapi(guarded(operations.listSessionEvents, parts), async (context) =>
    context.json((await page(context.req.valid("query"), context.req.param("id"))) as never, 200),
  )
  app.openapi(guarded(operations.listEvents, parts), async (context) =>
    context.json((await page(context.req.valid("query"))) as never, 200),
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

  async function page(
    { after, before, limit }: { after?: number | undefined; before?: number | undefined; limit: number },
    sessionId?: string,
  ) {
    const range = {
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
      ...(sessionId === undefined ? {} : { stream: sessionId }),
    }
    const direction = after === undefined ? "backward" : "forward"
    const entries = await aegis.readEvents({ ...range, direction, limit: limit + 1 })
    const last = entries[limit - 1]
    return {
      items: entries.slice(0, limit).map(({ event }) => event),
      ...(entries.length > limit && last ? { nextCursor: String(last.seq) } : {}),
    }
  }

  function stream(context: Context<Env>, sessionId?: string) {
    const { outgoing, address } = context.env
    if (!outgoing) throw new Error("An event stream needs a connection of its own.")
    const after = cursorOf(context)
    connections.check(address)
    const headers = { ...STREAM_HEADERS, "X-Request-Id": context.get("requestId") }
    streams.open(outgoing, headers, { address, sessionId, after, expiresAt: context.get("streamExpiresAt") ?? 0 })
    return RESPONSE_ALREADY_SENT.clone()
  }
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
