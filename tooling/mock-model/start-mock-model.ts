import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { type ModelRequest, nextReply } from "./model-script.ts"
import { modelStream } from "./model-stream.ts"

export interface MockModel {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string
  /** What was asked of the model, in order. */
  readonly requests: readonly ModelRequest[]
  /** Everything else that was asked, as `METHOD /path`; answered with 404. */
  readonly strangers: readonly string[]
  /** Every held reply goes on. */
  goOn(): void
  close(): Promise<void>
}

/** A model that does what the prompt says, on loopback: for agents that are real where the model cannot be. */
export async function startMockModel(): Promise<MockModel> {
  const requests: ModelRequest[] = []
  const strangers: string[] = []
  let told = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    if (request.method !== "POST" || pathname !== "/v1/messages") {
      strangers.push(`${request.method} ${pathname}`)
      return refuse(response, 404)
    }
    void answer(request, response, { requests, untilTold: () => told.promise }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    strangers,
    goOn: () => {
      told.resolve()
      told = Promise.withResolvers()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { requests, untilTold }: { readonly requests: ModelRequest[]; readonly untilTold: () => Promise<void> },
) {
  const asked = (await json(request)) as ModelRequest
  const id = `msg_${requests.push(asked)}`
  const steps = nextReply(asked)
  const failure = steps.find((step) => step.type === "error")
  if (failure) return refuse(response, failure.status)
  response.writeHead(200, { "Content-Type": "text/event-stream", "Request-Id": id })
  for await (const event of modelStream(steps, { model: asked.model, id, untilTold }))
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  response.end()
}

const kinds: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
}

function refuse(response: ServerResponse, status: number) {
  response.writeHead(status, { "Content-Type": "application/json" })
  response.end(
    JSON.stringify({ type: "error", error: { type: kinds[status] ?? "api_error", message: `Played ${status}` } }),
  )
}
