import { once } from "node:events"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { createLogger } from "@stoplight/prism-core"
import { getHttpOperationsFromSpec } from "@stoplight/prism-http"
import { createServer as createPrism } from "@stoplight/prism-http-server"

const DOCUMENT = fileURLToPath(new URL("../../libs/openapi-contract/openapi.json", import.meta.url))
/** What does not end, or comes in lines: no proxy that reads an answer to its end can judge it. */
const STREAMS = /\/events(?:\?|$)|\/export(?:\?|$)/

/**
 * A door to a server, which answers with a problem instead where a request or its answer does not fit the OpenAPI document: by a
 * proxy that others wrote. `judged` counts what went through it, `complaints` are what it says.
 */
export async function openJudge(upstream: string) {
  const prism = createPrism(await getHttpOperationsFromSpec(DOCUMENT), {
    cors: false,
    config: {
      isProxy: true,
      upstream: new URL(upstream),
      upstreamProxy: undefined,
      validateRequest: true,
      validateResponse: true,
      checkSecurity: true,
      errors: true,
      mock: { dynamic: false },
    },
    components: { logger: createLogger("judge", { level: "silent" }) },
  })
  const judge = await prism.listen(0, "127.0.0.1")
  let judged = 0
  const complaints: string[] = []
  const door = createServer((incoming, outgoing) => {
    const isJudged = !STREAMS.test(incoming.url ?? "")
    const asked = forward(incoming, outgoing, isJudged ? judge : upstream)
    if (!isJudged) return
    judged += 1
    const note = (said: string) => {
      if (said.includes("stoplight.io/prism")) complaints.push(`${incoming.method} ${incoming.url}: ${said}`)
    }
    // One that was cut short says nothing.
    asked.on("response", (answer: IncomingMessage) => void text(answer).then(note, () => undefined))
  })
  door.listen(0, "127.0.0.1")
  await once(door, "listening")
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    get judged() {
      return judged
    },
    complaints,
    async close() {
      door.closeAllConnections()
      door.close()
      await prism.close()
    },
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: string) {
  const { method, headers, url = "/" } = incoming
  const { host } = new URL(target)
  const asked = request(new URL(url, target), { method, headers: { ...headers, host } }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  // Whoever has asked leaves, or the server does: the other one is told.
  asked.on("error", () => outgoing.destroy())
  outgoing.on("close", () => asked.destroy())
  return incoming.pipe(asked)
}
