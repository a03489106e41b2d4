import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach } from "vitest"

type Play = (request: IncomingMessage, response: ServerResponse) => unknown

/** Small servers on loopback that play what a test says, and are gone after it. */
export function usePlayServer() {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  })
  return async (play: Play) => {
    const server = createServer((request, response) => void play(request, response)).listen(0, "127.0.0.1")
    await once(server, "listening")
    servers.push(server)
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers })
  response.end(JSON.stringify(body))
}

export const envelope = (seq: number) =>
  JSON.stringify({
    seq,
    type: "message.delta",
    at: "2026-01-01T00:00:00.000Z",
    data: { text: `grüße ${seq} \u{1f600}` },
    hash: "0",
  })
export const frame = (seq: number, end = "\n") =>
  [`id: ${seq}`, "event: message.delta", `data: ${envelope(seq)}`, "", ""].join(end)

export const bye = (reason: string) => `event: bye\ndata: {"reason":"${reason}"}\n\n`
export const openStream = (response: ServerResponse) => response.writeHead(200, { "Content-Type": "text/event-stream" })
