import type { BrowsedServer } from "./browsed-server.ts"

/** A way in, as somebody asks at it who may come in. */
export interface Door {
  readonly name: string
  readonly method: "GET" | "POST"
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** It shows nothing but the page that others are asked from, which a link may lead to. */
  readonly isPage?: boolean
  /** What is answered to whoever is let in. */
  readonly answers: number
}

const WRONG = "Bearer agk_made_up"

/** What a door is asked with instead of its credential; whoever is refused is refused the same. */
export const credentials: Readonly<Record<string, (headers: Door["headers"]) => Door["headers"]>> = {
  good: (headers) => headers,
  none: ({ Authorization: _, Cookie: __, "X-Aegis-Page-Token": ___, ...headers }) => headers,
  wrong: ({ Authorization: _, Cookie: __, "X-Aegis-Page-Token": ___, ...headers }) => ({
    ...headers,
    Authorization: WRONG,
  }),
}

/** Every door, with what opens it. */
export async function doorsOf({ client, url, token, login, asset }: DoorsOptions): Promise<readonly Door[]> {
  const bearer = { Authorization: `Bearer ${token}` }
  const json = { "Content-Type": "application/json" }
  const { token: stream } = await client.createSseToken({})
  const socket = {
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
  }
  const get = (name: string, target: string, more: Partial<Door> = {}): Door => ({
    ...{ name, method: "GET", target, headers: {}, answers: 200 },
    ...more,
  })
  const post = (name: string, target: string, more: Partial<Door>): Door => ({
    ...{ name, method: "POST", target, headers: json, body: "{}", answers: 201 },
    ...more,
  })
  const doors = [
    get("REST, read", "/v1/sessions", { headers: bearer }),
    get("REST, read with a cookie", "/v1/sessions", { headers: login }),
    get("REST without /v1", "/sessions", { headers: bearer }),
    post("REST, write", "/v1/auth/login-code", { headers: { ...bearer, ...json } }),
    post("REST, write with a cookie", "/v1/auth/login-code", { headers: { ...login, ...json } }),
    get("health", "/v1/health"),
    post("login", "/v1/auth/exchange", { body: '{"code":"made-up"}', answers: 401 }),
    get("a guess", "/v1/version?token=made-up", { answers: 401 }),
    get("SSE", `/v1/events?token=${stream}`),
    get("WebSocket", "/v1/ws", { headers: socket, answers: 101 }),
    post("MCP", "/mcp", { headers: { ...bearer, ...json }, answers: 400 }),
    get("MCP, stream", "/mcp", { headers: bearer, answers: 400 }),
    get("the root", "/", { isPage: true, answers: 302 }),
    get("a page", "/dashboard/", { isPage: true }),
    get("a page of a session", "/dashboard/sessions/x", { isPage: true }),
    get("a file of the pages", asset, { isPage: true }),
    get("nothing", "/v1/nothing", { headers: bearer, answers: 404 }),
  ]
  // Where there is no such door, nobody is let in by it.
  const hasMcp = (await fetch(`${url}/mcp`, { headers: bearer })).status !== 404
  return doors.filter(({ target }) => hasMcp || target !== "/mcp")
}

interface DoorsOptions extends Pick<BrowsedServer, "client" | "url" | "token"> {
  readonly login: Readonly<Record<string, string>>
  /** A file of the dashboard. */
  readonly asset: string
}
