import { connect } from "node:net"
import { EMPTY_HASH, nextHash, splitEnvelope } from "@aegis/event-log"
import { afterEach, describe, expect, it } from "vitest"
import { RawSocket } from "./raw-socket.ts"
import { isEvent, PATIENT_MS, script, useServer } from "./server-harness.ts"
import { SocketPeer } from "./socket-peer.ts"

const { start, temporary } = useServer()
const peers: SocketPeer[] = []
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close()
})

async function signedIn({ url, server }: { readonly url: string; readonly server: { readonly token: string } }) {
  const peer = await SocketPeer.authenticated(url, server.token)
  peers.push(peer)
  return peer
}

function stranger(url: string, headers?: Record<string, string>) {
  const peer = new SocketPeer(url, headers)
  peers.push(peer)
  return peer
}

describe("a WebSocket", () => {
  it("sends, asks, approves, answers and interrupts like the REST door, each command answered by its id", async () => {
    const server = await start({ deliveryWaitMs: PATIENT_MS })
    const peer = await signedIn(server)
    const { id: sessionId } = await server.create(temporary("work"))
    expect(await peer.ask({ type: "subscribe", sessionId, id: 7 })).toMatchObject({ id: 7, status: 200 })
    const text = script("write a.txt x", "ask Which? | One | Two", "wait")
    expect(await peer.ask({ type: "send", sessionId, text })).toMatchObject({ status: 200, body: { delivered: true } })
    const event = (type: string) => peer.until((message) => message.type === "event" && message.event.type === type)
    const asked = await event("approval.requested")
    expect(asked.id).toBe(7)
    const { approvalId, digest } = asked.event.data
    const approved = await peer.ask({ type: "approve", sessionId, approvalId, digest })
    expect(approved).toMatchObject({ status: 200, body: { status: "approved", decidedBy: { via: "ws" } } })
    const { schema } = (await event("question.asked")).event.data
    const [field = ""] = Object.keys(schema.properties)
    expect(await peer.ask({ type: "answer", sessionId, content: { [field]: "Three" } })).toMatchObject({ status: 422 })
    expect(await peer.ask({ type: "answer", sessionId, content: { [field]: "Two" } })).toMatchObject({ status: 200 })
    expect(await peer.ask({ type: "interrupt", sessionId })).toMatchObject({ status: 200 })
    expect((await event("turn.ended")).event.data.stopReason).toBe("cancelled")
    expect(await peer.ask({ type: "reject", sessionId })).toMatchObject({
      status: 404,
      body: { code: "approval-not-found" },
    })
  })

  it("writes once under an idempotency key, also when the REST door repeats it", async () => {
    const server = await start()
    const peer = await signedIn(server)
    const { id: sessionId } = await server.create(temporary("work"))
    const command = { type: "send", sessionId, text: script("say once"), idempotencyKey: "k" }
    const turns = new Set([(await peer.ask(command)).body.turnId, (await peer.ask(command)).body.turnId])
    const headers = { Authorization: `Bearer ${server.server.token}`, "Idempotency-Key": "k" }
    const path = `/v1/sessions/${sessionId}/send`
    turns.add((await server.call("POST", path, { text: script("say once") }, headers)).body.turnId)
    expect(turns.size).toBe(1)
  })

  it("reads what comes after any event and goes on live; mixed with SSE and pages every event is there once", async () => {
    const server = await start()
    const { id: sessionId } = await server.create(temporary("work"), script("say a", "plan x; y", "say b"))
    const path = `/v1/sessions/${sessionId}/events`
    await server.streamUntil(path, isEvent("turn.ended"))
    // A third by page, a third by SSE, and the rest, which is yet to happen, by WebSocket.
    const { items } = (await server.call("GET", `/v1/sessions/${sessionId}/log?after=0&limit=4`)).body
    const mid = items.at(-1).seq
    const frames = await server.streamUntil(`${path}?after=${mid}`, isEvent("turn.ended"))
    const events = [...items, ...frames.flatMap(({ id, data = "" }) => (id === undefined ? [] : [JSON.parse(data)]))]
    const peer = await signedIn(server)
    await peer.ask({ type: "subscribe", id: "rest", sessionId, after: events.at(-1).seq })
    await peer.ask({ type: "send", sessionId, text: script("say c") })
    await server.call("DELETE", `/v1/sessions/${sessionId}`)
    expect(await peer.until(({ type }) => type === "bye")).toEqual({ id: "rest", type: "bye", reason: "session-ended" })
    events.push(...peer.heard.flatMap(({ type, event }) => (type === "event" ? [event] : [])))
    const salt = events[0].data.salt
    let hash = EMPTY_HASH
    for (const event of events) hash = nextHash(hash, splitEnvelope(JSON.stringify(event)), salt)
    const session = (await server.call("GET", `/v1/sessions/${sessionId}`)).body
    expect({ seq: events.at(-1).seq, hash }).toEqual({ seq: session.seq, hash: session.hash })
  })

  it("follows all sessions at once, until it is told to stop", async () => {
    const server = await start()
    const peer = await signedIn(server)
    await peer.ask({ type: "subscribe", id: "all", all: true })
    const created = await server.create(temporary("work"))
    await peer.until(({ event }) => event?.type === "session.ready" && event.sessionId === created.id)
    expect(await peer.ask({ type: "subscribe", id: "all", all: true })).toMatchObject({ status: 409 })
    expect(await peer.ask({ type: "unsubscribe", subscription: "all" })).toMatchObject({ status: 200 })
    await server.call("DELETE", `/v1/sessions/${created.id}`)
    await peer.ask({ type: "subscribe", id: "again", all: true })
    await peer.until(({ id, event }) => id === "again" && event?.type === "session.killed")
    expect(peer.heard.some(({ id, event }) => id === "all" && event?.type === "session.killed")).toBe(false)
  })

  it("says where it stands while nothing happens, tells a cursor from the future as a gap, and says goodbye", async () => {
    const server = await start({ heartbeatMs: 20 })
    const { id: sessionId, seq } = await server.create(temporary("work"))
    const peer = await signedIn(server)
    await peer.ask({ type: "subscribe", id: 1, sessionId, after: seq + 1000 })
    expect(await peer.until(({ type }) => type === "gap")).toMatchObject({ id: 1, from: seq + 1000 })
    const beat = await peer.until(({ type }) => type === "heartbeat")
    const { hash } = (await server.call("GET", `/v1/sessions/${sessionId}`)).body
    expect(beat).toMatchObject({ id: 1, hash })
    await server.server.close()
    expect(peer.heard.at(-1)).toEqual({ id: 1, type: "bye", reason: "shutdown" })
    expect(await peer.closed).toEqual({ code: 1001, reason: "The server is going down." })
  })

  it("leaves a peer behind that takes nothing", async () => {
    const server = await start({ stuckMs: 200 })
    const { id: sessionId } = await server.create(temporary("work"))
    const peer = await signedIn(server)
    await peer.ask({ type: "subscribe", sessionId })
    peer.pause()
    await server.call("POST", `/v1/sessions/${sessionId}/send`, { text: script("chunks 20000 1000", "say Done.") })
    await server.untilLogged(sessionId, "turn.ended")
    peer.resume()
    expect((await peer.closed).code).toBe(1006)
    expect(peer.heard.some(({ event }) => event?.type === "turn.ended")).toBe(false)
  })
})

describe("a stranger at the WebSocket", () => {
  it.each([
    ["of another origin", { Origin: "http://evil.example" }, 403],
    ["from a page of another site", { "Sec-Fetch-Site": "cross-site" }, 403],
    ["under another name", { Host: "evil.example" }, 421],
  ])("%s does not get in", async (_, headers, status) => {
    const server = await start()
    await expect(stranger(server.url, headers).opened()).rejects.toThrow(`status ${status}`)
  })

  it.each([
    ["a command", { id: 1, type: "subscribe", all: true }],
    ["a token that is none", { type: "auth", token: "ag_wrong" }],
    ["no JSON", "hello"],
  ])("is shown the door after %s", async (_, message) => {
    const server = await start()
    const peer = stranger(server.url)
    await peer.opened()
    peer.send(message)
    expect((await peer.closed).code).toBe(1008)
    expect(peer.heard).toEqual([])
  })

  it.each([{ type: "auth" }, { id: 1, type: "subscribe", all: true }])(
    "is shown the door with a page's login and no token: %j",
    async (message) => {
      const server = await start()
      const login = await server.signIn()
      expect((await server.call("GET", "/v1/sessions", undefined, login)).status).toBe(200)
      const peer = stranger(server.url, { ...login, Origin: server.url })
      await peer.opened()
      peer.send(message)
      expect((await peer.closed).code).toBe(1008)
      expect(peer.heard).toEqual([])
    },
  )

  it.each(["send", "subscribe", "interrupt", "auth"])(
    "does not learn by %s whether there is a session",
    async (type) => {
      const server = await start()
      const { id: known } = await server.create(temporary("work"))
      const answers = await Promise.all(
        [known, crypto.randomUUID(), "none"].map(async (sessionId) => {
          const peer = stranger(server.url)
          await peer.opened()
          peer.send({ id: 1, type, sessionId, text: "x" })
          return { ...(await peer.closed), heard: peer.heard }
        }),
      )
      expect(answers[0]).toMatchObject({ code: 1008, heard: [] })
      expect(answers[1]).toEqual(answers[0])
      expect(answers[2]).toEqual(answers[0])
      expect((await server.call("GET", `/v1/sessions/${known}/log`)).body.items).not.toContainEqual(
        expect.objectContaining({ type: "turn.requested" }),
      )
    },
  )

  it.each([
    ["says nothing", ""],
    ["begins a frame", "81fe"],
    ["says half a frame", `8190 00000000 ${Buffer.from('{"type"').toString("hex")}`],
    ["says a part of a message", `0182 00000000 ${Buffer.from("{}").toString("hex")}`],
    ["only pings", "8980 00000000"],
  ])("is closed in time where it %s", async (_, hex) => {
    const server = await start({ authMs: 100 })
    const socket = new RawSocket(server.url).say(
      `GET /v1/ws HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
    await socket.until("101 Switching Protocols")
    const began = performance.now()
    socket.say(Buffer.from(hex.replaceAll(" ", ""), "hex"))
    // A frame that closes: of 1008, and why.
    await socket.until("\x03\xf0Nobody authenticated in time.")
    // Without a time of this server's own it would be five seconds.
    expect(performance.now() - began).toBeLessThan(4500)
    socket.socket.destroy()
  })

  it("hears what was wrong with a message, and of a session that there is none", async () => {
    const server = await start()
    const peer = await signedIn(server)
    peer.send("{")
    expect(await peer.until(({ id }) => id === null)).toMatchObject({ status: 400, body: { code: "request-invalid" } })
    expect(await peer.ask({ type: "explode" })).toMatchObject({ status: 400 })
    expect(await peer.ask({ type: "subscribe", after: -1, all: true })).toMatchObject({ status: 400 })
    expect(await peer.ask({ type: "subscribe" })).toMatchObject({ status: 400 })
    expect(await peer.ask({ type: "subscribe", sessionId: "none" })).toMatchObject({ status: 404 })
    expect(await peer.ask({ type: "send", sessionId: "none", text: "x" })).toMatchObject({ status: 404 })
    expect(await peer.ask({ type: "send", sessionId: "../agents", text: "x" })).toMatchObject({ status: 404 })
    expect(await peer.ask({ type: "interrupt", sessionId: "none", nonsense: 1 })).toMatchObject({ status: 404 })
  })

  it("is not let in by anything but a WebSocket's greeting, and closed when it says too much", async () => {
    const server = await start()
    expect((await server.call("GET", "/v1/ws", undefined, {})).status).toBe(426)
    const { hostname, port } = new URL(server.url)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET /v1/sessions HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        ),
      )
      socket.on("data", (bytes) => {
        resolve(String(bytes))
        socket.destroy()
      })
    })
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    const peer = stranger(server.url)
    await peer.opened()
    peer.send("x".repeat(1024 * 1024 + 1))
    expect((await peer.closed).code).toBe(1009)
  })
})

describe("what is sent to a WebSocket", () => {
  it("by a stranger is not looked into where it is no token", async () => {
    const { url } = await start()
    const peer = stranger(url)
    await peer.opened()
    peer.send("[".repeat(1_000_000))
    expect(await peer.closed).toEqual({ code: 1008, reason: 'The first message is {"type":"auth","token":"…"}.' })
  })

  it("has at most so many values; the connection stays", async () => {
    const peer = await signedIn(await start())
    for (const message of ["[".repeat(1_000_000), `[${"0,".repeat(200_000)}0]`]) {
      const before = peer.heard.length
      peer.send(message)
      const reply = await peer.until((heard) => peer.heard.indexOf(heard) >= before)
      expect(reply).toMatchObject({ type: "reply", id: null, status: 400, body: { code: "body-invalid" } })
    }
    expect(await peer.ask({ type: "unsubscribe", subscription: "none" })).toMatchObject({ status: 200 })
  })

  it("is answered in its order, also what follows the token at once", async () => {
    const server = await start()
    const peer = stranger(server.url)
    await peer.opened()
    peer.send({ type: "auth", token: server.server.token })
    for (const id of [1, 2, 3]) peer.send({ id, type: "unsubscribe", subscription: "none" })
    await peer.until(({ id }) => id === 3)
    expect(peer.heard.map(({ type, id }) => id ?? type)).toEqual(["ready", 1, 2, 3])
  })
})
