import { INITIALIZE, MCP_HEADERS } from "../connect-mcp.ts"
import { type RawRequest, type RawTarget, REFUSED } from "./raw-requests.ts"

const ANSWERED = /^(200|202|4\d\d)$/

/** What an MCP host does not send: none of it fails, and none leaves its answer open. */
export async function mcpRequests(target: RawTarget): Promise<readonly RawRequest[]> {
  const { url, token, sessionId } = target
  const { host } = new URL(url)
  const types = Object.entries(MCP_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`)
  const common = `Authorization: Bearer ${token}\r\nConnection: close\r\n${types.join("")}`
  const session = `Mcp-Session-Id: ${await openSession(target)}\r\n`
  const send = (headers: string, body: string, query = "") =>
    `POST /mcp${query} HTTP/1.1\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const one = (name: string, bytes: string, answers = REFUSED): RawRequest => ({
    name: `MCP, ${name}`,
    bytes,
    isMcp: true,
    answers,
  })
  const own = `Host: ${host}\r\n${common}`
  const message = (more: object) => JSON.stringify({ jsonrpc: "2.0", id: 1, ...more })
  const call = (params: unknown) => message({ method: "tools/call", params })
  const bodies: Readonly<Record<string, string>> = {
    nothing: "",
    "no JSON": "{",
    "no UTF-8": '"\ud800"',
    null: "null",
    "a number": "1e400",
    "a text of 3 MB": JSON.stringify("a".repeat(3_000_000)),
    "a deep one": "[".repeat(100_000) + "]".repeat(100_000),
    "no messages": "[]",
    "a hundred and one": `[${Array.from({ length: 101 }, () => message({ method: "ping" })).join()}]`,
    "an id twice": `[${message({ method: "ping" })},${message({ method: "ping" })}]`,
    "another protocol": '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    "an id that is an object": message({ id: {}, method: "ping" }),
    "an id of 100 KB": message({ id: "a".repeat(100_000), method: "ping" }),
    "a method that there is not": message({ method: "tools/destroy" }),
    "a method that every object has": message({ method: "constructor" }),
    "an answer to what was never asked": message({ result: {} }),
    "an end of what was never begun": JSON.stringify({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 99 },
    }),
    "initialize without words": message({ method: "initialize" }),
    "initialize with wrong ones": message({ method: "initialize", params: { protocolVersion: 1, clientInfo: [] } }),
    "initialize once more": INITIALIZE,
    "a call of nothing": call(undefined),
    "a call of a number": call({ name: 1, arguments: {} }),
    "a call of what every object has": call({ name: "__proto__", arguments: {} }),
    "a call with a list": call({ name: "get_status", arguments: [] }),
    "a call with what every object has": call({ name: "get_status", arguments: { constructor: {}, toString: 1 } }),
    "a call with a wrong id": call({ name: "get_status", arguments: { sessionId: "../../auth/keys" } }),
    "a call with more than it takes": call({ name: "get_status", arguments: { sessionId, nonsense: 1 } }),
    "a call with a text that is too long": call({
      name: "send_message",
      arguments: { sessionId, text: "a".repeat(200_000) },
    }),
  }
  return [
    ...Object.entries(bodies).flatMap(([name, body]) => [
      one(name, send(own + session, body), ANSWERED),
      one(`${name} without a session`, send(own, body), ANSWERED),
    ]),
    ...["evil.example", `localhost.evil.example:${host.split(":")[1]}`, "127.0.0.1.nip.io", "0.0.0.0", "[::1]:1"].map(
      (name) => one(`the host ${name}`, send(`Host: ${name}\r\n${common}`, INITIALIZE), /^421$/),
    ),
    ...["null", "http://evil.example", `http://${host}.evil`, "http://localhost:1", "file://"].map((origin) =>
      one(`the origin ${origin}`, send(`${own}Origin: ${origin}\r\n`, INITIALIZE), /^403$/),
    ),
    one("a key in the address", send(own.replace(/Authorization.*\r\n/, ""), INITIALIZE, `?token=${token}`), /^401$/),
    one("two sessions", send(own + session + session, message({ method: "ping" })), /^404$/),
    one("a session that is none", send(`${own}Mcp-Session-Id: __proto__\r\n`, message({ method: "ping" })), /^404$/),
    one("another protocol's version", send(`${own}${session}Mcp-Protocol-Version: 1\r\n`, message({ method: "ping" }))),
    one("a body of text", send((own + session).replace("application/json", "text/plain"), message({ method: "ping" }))),
    one("a stream that takes no events", `GET /mcp HTTP/1.1\r\n${own.replace(/Accept.*\r\n/, "")}${session}\r\n`),
    ...["PUT", "OPTIONS"].map((method) => one(method, `${method} /mcp HTTP/1.1\r\n${own}${session}\r\n`, /^404$/)),
  ]
}

async function openSession({ url, token }: RawTarget) {
  const headers = { ...MCP_HEADERS, Authorization: `Bearer ${token}` }
  const opened = await fetch(`${url}/mcp`, { method: "POST", headers, body: INITIALIZE })
  await opened.text()
  return opened.headers.get("Mcp-Session-Id") ?? ""
}
