import type { Context } from "hono"
import { authorizeRequest, bearerOf } from "./authorize-request.ts"
import type { EventHub } from "./event-hub.ts"
import { InProcessFetch } from "./in-process-fetch.ts"
import { limitBody } from "./limit-body.ts"
import type { McpSession } from "./mcp-session.ts"
import { McpSessions } from "./mcp-sessions.ts"
import { RequestProblem } from "./problem-reply.ts"
import type { Env } from "./request-env.ts"
import { type App, holderOf, type RouteParts } from "./routes.ts"

export interface McpDoorParts extends RouteParts {
  readonly hub: EventHub
  /** Where this server reaches itself. */
  readonly url: () => string
}

/** No operation of the contract: who may do what is asked of each tool's operation. To come in takes any key. */
const DOOR = { "x-aegis-permission": "any" }

/** `/mcp`: MCP over Streamable HTTP. Each tool is an operation of this server, called with the host's own credential. */
export function addMcpDoor(app: App, { url, hub, ...parts }: McpDoorParts) {
  const { connections, version } = parts
  const sessions = new McpSessions({ hub, version })
  const inside = new InProcessFetch({ app, door: "mcp", url })

  app.on(["GET", "POST", "DELETE"], "/mcp", async (context) => {
    context.env = { ...context.env, door: "mcp" }
    const token = await authorizeHost(context, parts)
    await limitBody(context)
    if (context.req.method === "HEAD") throw new RequestProblem("not-found", "There is no HEAD /mcp here.")
    const id = context.req.header("Mcp-Session-Id")
    return id === undefined ? open(context, token) : answer(context, sessions.find(id, holderOf(context)))
  })

  async function open(context: Context<Env>, token: string) {
    const body: unknown = context.req.method === "POST" ? await context.req.json().catch(() => undefined) : undefined
    // Not before somebody asks for it: most servers are never asked for MCP.
    const [{ AegisClient }, { isOpening }] = await Promise.all([import("@aegis/client"), import("@aegis/mcp")])
    if (!isOpening(body))
      throw new RequestProblem(
        "mcp-session-missing",
        "Begin with a POST of MCP's initialize, and send the Mcp-Session-Id of its answer with all that follows.",
      )
    const client = new AegisClient(url(), token, { fetch: inside.fetch })
    const session = await sessions.open(holderOf(context), { client, authorizedAt: context.get("authorizedAt") })
    let isOpened = false
    try {
      const answered = await answer(context, session, body)
      isOpened = answered.ok
      return answered
    } finally {
      if (!isOpened) session.end()
    }
  }

  async function answer(context: Context<Env>, session: McpSession, body?: unknown) {
    const { outgoing, address } = context.env
    if (!outgoing) throw new Error("An MCP session needs a connection.")
    // It may have gone while its credential was looked at; then nothing would say when the answer is over.
    if (outgoing.closed) throw new RequestProblem("request-timeout", "Nobody waits for the answer any more.")
    const isStream = context.req.method === "GET"
    if (isStream) connections.check(address)
    const answered = await inside.from(address, () => session.answer(context.req.raw, { outgoing, body }))
    if (isStream && answered.ok) connections.add(outgoing, address)
    // With what every answer of this server has.
    return context.newResponse(answered.body, answered.status as 200, Object.fromEntries(answered.headers))
  }
}

/** Rejects whoever has not shown a key or the local token in the one header for it; resolves with what was shown. */
async function authorizeHost(context: Context<Env>, parts: RouteParts) {
  await authorizeRequest(context, DOOR, parts)
  const token = bearerOf(context)
  if (token !== undefined) return token
  throw new RequestProblem(
    "credential-missing",
    "Send a key, or the token of `ag token`, as Authorization: Bearer: nothing else opens this door.",
  )
}
