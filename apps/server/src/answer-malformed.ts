import { randomUUID } from "node:crypto"
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { RequestError } from "@hono/node-server"
import { SECURE_HEADERS } from "./guard-request.ts"
import { problem } from "./problem-reply.ts"

/** What is no request gets a problem like any other, and its connection ends: where the next one begins nobody knows. */
export function answerMalformed(server: Server) {
  const last = new WeakMap<object, ServerResponse>()
  const told = new WeakSet<object>()
  server.on("request", ({ socket }, response) => last.set(socket, response))
  server.on("clientError", (error: Error & { readonly code?: string }, connection: Duplex) => {
    if (told.has(connection)) return
    told.add(connection)
    const tell = () => {
      if (error.code === "ECONNRESET" || !connection.writable) connection.destroy()
      else refuseOn(connection, ...refusalOf(error))
    }
    // Two answers to one request, or one before its turn, would be taken for the answers to others.
    const before = last.get(connection)
    if (before?.req.complete && !before.writableFinished) before.once("finish", tell)
    else if (before && !before.req.complete && before.headersSent) connection.destroy()
    else tell()
  })
}

/** Says a problem on a connection that is no request's any more, and ends it. */
export function refuseOn(connection: Duplex, code: string, detail: string) {
  answerOn(connection, refusal(code, detail))
}

/** For what the HTTP server could read, and no request can be made of: a Host that is no name, most of all. */
export function refuseUnreadable(error: unknown) {
  const { status, headers, body } =
    error instanceof RequestError
      ? refusal("request-malformed", "The request's target and Host make no address.")
      : refusal("internal", "Something went wrong here.")
  return new Response(body, { status, headers: Object.fromEntries(headers) })
}

/** Whether the target says another name than Host does: which of them is meant nobody knows. */
export function namesTwoHosts({ url = "", headers }: Pick<IncomingMessage, "url" | "headers">) {
  const named = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
  return named !== undefined && named !== headers.host
}

function refusal(code: string, detail: string) {
  const requestId = randomUUID()
  const told = problem(code, detail, { requestId })
  const headers = { ...SECURE_HEADERS, "X-Request-Id": requestId, "Content-Type": "application/problem+json" }
  return { status: told.status, headers: Object.entries(headers), body: JSON.stringify(told) }
}

interface RawAnswer {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]>
  readonly body: string
}

/** Writes an answer on a connection that the HTTP server has let go of, and ends it. */
export function answerOn(connection: Duplex, { status, headers, body }: RawAnswer) {
  const all = [...headers, ["Content-Length", Buffer.byteLength(body)], ["Connection", "close"]]
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`)
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`)
}

function refusalOf({ code }: { readonly code?: string }): readonly [code: string, detail: string] {
  if (code === "HPE_HEADER_OVERFLOW" || code === "HPE_CHUNK_EXTENSIONS_OVERFLOW")
    return ["headers-too-large", "The headers are too large: send at most 16 KB of them."]
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return ["request-timeout", "The request did not come to its end in time: send it again."]
  return ["request-malformed", "This is no HTTP/1.1 request that could be read; the connection is closed."]
}
