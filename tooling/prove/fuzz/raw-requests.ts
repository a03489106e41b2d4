import { connect } from "node:net"

/** A server, and who asks it. */
export interface RawTarget {
  readonly url: string
  readonly token: string
  /** A session of theirs. */
  readonly sessionId: string
}

export interface RawRequest {
  readonly name: string
  readonly bytes: string | Buffer
  /** Written when something was answered. */
  readonly later?: Buffer
  /** Nothing more comes from here: the connection is half closed. */
  readonly ends?: boolean
  /** It may be refused in MCP's own words, too. */
  readonly isMcp?: boolean
  /** The statuses of all answers, in their order: `400`, or `200 200`; empty: the connection ends without any. */
  readonly answers: RegExp
}

/** The server ends each connection, by itself. */
const MOST_MS = 20_000
const LANES = 12
export const REFUSED = /^4\d\d$/
const REFUSED_OR_CLOSED = /^(4\d\d)?$/

/** What is no request, or two that look like one: each is refused as one, and the server is there for the next. */
export async function askRaw(
  target: RawTarget,
  more: readonly RawRequest[],
): Promise<{ readonly asked: number; readonly problems: readonly string[] }> {
  const requests = [...rawRequests(target), ...more]
  const left = [...requests]
  const lane = async () => {
    for (let request = left.shift(); request !== undefined; request = left.shift())
      problems.push(...(await judge(target, request)))
  }
  const problems: string[] = []
  // Some of the connections end when nothing was said on them for a while: that is waited for side by side.
  await Promise.all(Array.from({ length: LANES }, lane))
  return { asked: requests.length, problems }
}

async function judge({ url }: RawTarget, request: RawRequest) {
  const { name, answers } = request
  const said = await exchange(url, request)
  const statuses = said.isClosed ? statusesOf(said.text) : "nothing, and is left open"
  const problems = REFUSED.test(statuses) ? judgeRefusal(request, said.text) : []
  const health = await fetch(`${url}/v1/health`)
  await health.body?.cancel()
  return [
    ...(answers.test(statuses)
      ? problems
      : [`raw: ${name} is answered ${statuses || "nothing"}: ${said.text.slice(0, 200)}`]),
    ...(health.status === 200 ? [] : [`raw: after ${name} the server's health is answered ${health.status}`]),
  ]
}

function judgeRefusal({ name, isMcp = false }: RawRequest, text: string) {
  const [head = "", body = ""] = text.split("\r\n\r\n", 2)
  const isProblem =
    (/^content-type: application\/problem\+json$/im.test(head) && /"code":"[a-z-]+"/.test(body)) ||
    (isMcp && /^content-type: application\/json$/im.test(head) && /"error":\{"code":-32\d{3},/.test(body))
  return [
    ...(isProblem ? [] : [`raw: ${name} is refused without a problem: ${text.slice(0, 200)}`]),
    ...(/^x-request-id: \S+$/im.test(head) ? [] : [`raw: ${name} is refused without X-Request-Id`]),
  ]
}

function rawRequests({ url, token, sessionId }: RawTarget): readonly RawRequest[] {
  const { host } = new URL(url)
  const own = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`
  const close = "Connection: close\r\n"
  const get = (headers: string, line = "GET /v1/version HTTP/1.1") => `${line}\r\n${headers}\r\n`
  const send = (headers: string, body = "") =>
    `POST /v1/sessions/${sessionId}/interrupt HTTP/1.1\r\n${own}Content-Type: application/json\r\n${headers}\r\n${body}`
  const one = (name: string, text: string | Buffer, answers = REFUSED): RawRequest => ({ name, bytes: text, answers })
  const smuggled = get(own)
  return [
    one("a good request", get(own + close), /^200$/),
    one("a request whose target is whole", get(own + close, `GET ${url}/v1/version HTTP/1.1`), /^(200|4\d\d)$/),
    one(
      "a request for another server's address",
      get(own + close, "GET http://evil.example/v1/version HTTP/1.1"),
      /^(200|4\d\d)$/,
    ),
    one("twenty requests at once", get(own).repeat(19) + get(own + close), /^200( 200){19}$/),
    one("a length and chunks", send("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`)),
    one("chunks and a length", send("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `0\r\n\r\n${smuggled}`)),
    one("two lengths", send("Content-Length: 0\r\nContent-Length: 40\r\n", smuggled)),
    one("two lengths in one", send("Content-Length: 0, 40\r\n", smuggled)),
    one("a length with a sign", send("Content-Length: +2\r\n", "{}")),
    one("a length below nothing", send("Content-Length: -1\r\n", "{}")),
    one("a length that no number holds", send(`Content-Length: ${"9".repeat(30)}\r\n`, "{}")),
    one("a length in hex", send("Content-Length: 0x2\r\n", "{}")),
    ...[
      "xchunked",
      "chunked, identity",
      "identity, chunked",
      "\tchunked\x0b",
      "chunked\r\nTransfer-Encoding: identity",
    ].map((coding) =>
      one(
        `the coding ${JSON.stringify(coding)}`,
        send(`Transfer-Encoding: ${coding}\r\n${close}`, `0\r\n\r\n${smuggled}`),
      ),
    ),
    one(
      "a chunk whose length is none",
      send(`Transfer-Encoding: chunked\r\n${close}`, `zz\r\n{}\r\n0\r\n\r\n`),
      REFUSED_OR_CLOSED,
    ),
    one(
      "a chunk that is longer than it says",
      send(`Transfer-Encoding: chunked\r\n${close}`, `1\r\n{}\r\n0\r\n\r\n`),
      REFUSED_OR_CLOSED,
    ),
    one("a blank before the colon", get(`${own}X-A : b\r\n${close}`)),
    one("a header without a colon", get(`${own}nothing\r\n${close}`)),
    one("a header that goes on in the next line", get(`${own}X-A: b\r\n c\r\n${close}`)),
    one("a NUL in a header", get(`${own}X-A: b\0c\r\n${close}`)),
    one("a carriage return alone", get(`${own}X-A: b\rX-C: d\r\n${close}`)),
    one("line feeds alone", get(own + close).replaceAll("\r\n", "\n")),
    one("no host", get(close)),
    one("an empty host", get(`Host:\r\n${close}`)),
    one("two hosts", get(`Host: evil.example\r\n${own}${close}`)),
    one("headers of 100 KB", get(`${own}X-A: ${"a".repeat(100_000)}\r\n${close}`)),
    one(
      "2,000 headers",
      get(`${own}${Array.from({ length: 2000 }, (_, index) => `X-${index}: a\r\n`).join("")}${close}`),
    ),
    one("a target of 100 KB", get(own + close, `GET /v1/${"a".repeat(100_000)} HTTP/1.1`)),
    one("a target with a NUL", get(own + close, "GET /v1/\0 HTTP/1.1")),
    one("a target with a blank", get(own + close, "GET /v1/a b HTTP/1.1")),
    one("a version that there is not", get(own + close, "GET /v1/version HTTP/9.9")),
    one("no version", "GET /v1/version\r\n\r\n"),
    one("a method that there is not", get(own + close, "GETT /v1/version HTTP/1.1")),
    one("a method in small letters", get(own + close, "get /v1/version HTTP/1.1")),
    one("a way to another server", get(own + close, "CONNECT evil.example:443 HTTP/1.1"), REFUSED_OR_CLOSED),
    one("TLS", Buffer.from("16030100c8010000c40303", "hex")),
    one("HTTP/2 that nobody has agreed on", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    one("bytes of chance", Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 151 + 7) % 256))),
    { ...one("an upload that is left", send("Content-Length: 1000\r\n", "{"), REFUSED_OR_CLOSED), ends: true },
    ...["Content-Length: 10000000\r\n", "Transfer-Encoding: chunked\r\n"].map((size) =>
      one(
        `an upload of a stranger that does not come to its end: ${size.trim()}`,
        `POST /v1/sessions/${sessionId}/send HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${size}\r\n2\r\n{"\r\n`,
        /^401$/,
      ),
    ),
    one(
      "an upload of more than may be",
      send(`Content-Length: 3000000\r\n${close}`, "a".repeat(3_000_000)),
      REFUSED_OR_CLOSED,
    ),
    one(
      "a WebSocket without a key",
      get(`${own}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`, "GET /v1/ws HTTP/1.1"),
      REFUSED_OR_CLOSED,
    ),
    one(
      "a WebSocket of another version",
      get(
        `${own}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 99\r\n`,
        "GET /v1/ws HTTP/1.1",
      ),
      REFUSED_OR_CLOSED,
    ),
    one("a way to another protocol", get(`${own}Upgrade: h2c\r\nConnection: Upgrade\r\n`), /^200$/),
    one(
      "a write on the way to another protocol",
      send("Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n", "{}"),
    ),
    ...frames(own),
  ]
}

/** After a handshake that is good: what is no message ends the connection, and no other. */
function frames(own: string): readonly RawRequest[] {
  const handshake = `GET /v1/ws HTTP/1.1\r\n${own}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n`
  const frame = (name: string, hex: string): RawRequest => ({
    name: `a frame ${name}`,
    bytes: handshake,
    later: Buffer.from(hex.replaceAll(" ", ""), "hex"),
    ends: true,
    answers: /^101$/,
  })
  return [
    frame("without a mask", "8102 7b7d"),
    frame("with reserved bits", "f180 00000000"),
    frame("of an unknown kind", "8380 00000000"),
    frame("that is too large", "81ff 7fffffffffffffff 00000000"),
    frame("of control in parts", "0980 00000000"),
    frame("of control that is too long", `89fe 0100 00000000${"00".repeat(256)}`),
    frame("that goes on with nothing", "8080 00000000"),
    frame("that is no UTF-8", "8182 00000000 c328"),
    frame("that is no JSON", "8181 00000000 7b"),
    frame("that closes with a code that there is not", "8882 00000000 0001"),
  ]
}

function statusesOf(text: string) {
  return [...text.matchAll(/(?:^|\r\n\r\n|\})HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status).join(" ")
}

/** What the server says until it ends the connection. */
function exchange(url: string, { bytes, later, ends = false }: RawRequest) {
  const { hostname, port } = new URL(url)
  return new Promise<{ readonly text: string; readonly isClosed: boolean }>((resolve) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    const end = (isClosed: boolean) => {
      clearTimeout(deadline)
      socket.destroy()
      resolve({ text: Buffer.concat(chunks).toString("latin1"), isClosed })
    }
    const deadline = setTimeout(() => end(false), MOST_MS)
    let rest = later
    const finish = () => {
      if (rest) socket.write(rest)
      rest = undefined
      if (ends) socket.end()
    }
    socket.on("data", (chunk) => {
      chunks.push(chunk)
      if (rest) finish()
    })
    // Of a connection that was reset, what came before counts.
    socket.on("error", () => {})
    socket.on("close", () => end(true))
    socket.write(bytes)
    if (!rest) finish()
  })
}
