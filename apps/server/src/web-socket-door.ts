import { once } from "node:events"
import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import type { AuthorizeOptions } from "@aegis/policy"
import { WebSocketServer } from "ws"
import { answerOn, namesTwoHosts, refuseOn } from "./answer-malformed.ts"
import type { ConnectionLimits } from "./connection-limits.ts"
import type { EventHub } from "./event-hub.ts"
import { HttpConnection } from "./http-connection.ts"
import { InProcessFetch } from "./in-process-fetch.ts"
import type { App } from "./routes.ts"
import { SocketConnection } from "./socket-connection.ts"

export interface WebSocketDoorOptions {
  readonly app: App
  readonly hub: EventHub
  readonly sharing: AuthorizeOptions["sharing"]
  readonly connections: ConnectionLimits
  readonly addressOf: (incoming: IncomingMessage) => string
  /** Where this server reaches itself. */
  readonly url: () => string
  readonly authMs?: number
}

const MIB = 1024 * 1024
const UPGRADE_REQUIRED = 426
const GOODBYE_MS = 2000
const GOING_AWAY = 1001

/** `/v1/ws`. The app itself says whether a request for it may be upgraded: Host and Origin are its middleware's. */
export function openWebSocketDoor(
  server: Server,
  { app, hub, sharing, connections, addressOf, url, authMs = 5000 }: WebSocketDoorOptions,
) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MIB, perMessageDeflate: false })
  const inside = new InProcessFetch({ app, door: "ws", url })
  const requestFrom = (address: string) => (path: string, init: RequestInit) =>
    inside.from(address, () => inside.fetch(`${url()}${path}`, init))

  async function upgrade(incoming: IncomingMessage, stream: Duplex, head: Buffer) {
    // What follows on the connection is not the server's to read any more: it cannot have a body.
    if (incoming.method !== "GET" || namesTwoHosts(incoming))
      return refuseOn(stream, "request-malformed", "Only GET /v1/ws is upgraded.")
    const address = addressOf(incoming)
    const answer = await app.fetch(new Request(new URL(incoming.url ?? "/", url()), { headers: headersOf(incoming) }), {
      address,
    })
    // Who asks by the way for something else is answered as if they had not.
    if (answer.status !== UPGRADE_REQUIRED || incoming.headers.upgrade?.toLowerCase() !== "websocket")
      return refuse(stream, answer)
    const own = stream instanceof HttpConnection ? stream.release() : stream
    if (own === undefined) return
    sockets.handleUpgrade(incoming, own, head, (socket) => {
      connections.add(socket, address)
      new SocketConnection({ socket, hub, sharing, request: requestFrom(address), authMs })
    })
  }

  sockets.on("wsClientError", ({ message }: Error, stream) => refuseOn(stream, "request-malformed", `${message}.`))
  server.on("upgrade", (incoming, stream, head) => {
    // A peer that leaves while it is being looked at.
    stream.on("error", () => stream.destroy())
    upgrade(incoming, stream, head).catch(() => stream.destroy())
  })
  return {
    /** After the hub has said goodbye: resolves when every peer is gone, by itself or not. */
    async close() {
      await hub.closed
      for (const socket of sockets.clients) socket.close(GOING_AWAY, "The server is going down.")
      const deadline = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, GOODBYE_MS)
      await Promise.all([...sockets.clients].map((socket) => once(socket, "close")))
      clearTimeout(deadline)
    },
  }
}

function headersOf({ rawHeaders }: IncomingMessage) {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2)
    headers.append(name, value)
  }
  return headers
}

async function refuse(stream: Duplex, answer: Response) {
  answerOn(stream, { status: answer.status, headers: answer.headers, body: await answer.text() })
}
