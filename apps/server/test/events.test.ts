import { once } from "node:events"
import { connect } from "node:net"
import { EMPTY_HASH, nextHash, splitEnvelope } from "@aegis/event-log"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { type Frame, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()
const isData = ({ id }: Frame) => id !== undefined

describe("event streams", () => {
  it("resume after any id with exactly what follows, of two sessions that ran at once", async () => {
    const server = await start()
    const [one, two] = await Promise.all(
      [1, 2].map((n) => server.create(temporary("work"), script("say a", "say b", `say ${n}`, "plan x; y"))),
    )
    for (const { id } of [one, two]) await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
    for (const { id } of [one, two]) await server.call("DELETE", `/v1/sessions/${id}`)
    const path = `/v1/sessions/${one.id}/events`
    const all = (await server.streamUntil(path, isEvent("bye"))).filter(isData)
    expect(all.length).toBeGreaterThan(10)
    const { seq, hash } = (await server.call("GET", `/v1/sessions/${one.id}`)).body
    expect(rolledUp(all)).toBe(hash)
    expect(all.at(-1)?.id).toBe(String(seq))
    const head = Number((await server.call("GET", "/v1/log?limit=1")).body.items[0].seq)
    for (let k = 0; k <= head; k++) {
      const frames = (await server.streamUntil(path, isEvent("bye"), { "Last-Event-ID": String(k) })).filter(isData)
      expect(frames).toEqual(all.filter(({ id }) => Number(id) > k))
    }
    const byQuery = (await server.streamUntil(`${path}?after=3`, isEvent("bye"), {})).filter(isData)
    expect(byQuery).toEqual(all.filter(({ id }) => Number(id) > 3))
    const headerWins = (await server.streamUntil(`${path}?after=0`, isEvent("bye"), { "Last-Event-ID": "5" })).filter(
      isData,
    )
    expect(headerWins).toEqual(all.filter(({ id }) => Number(id) > 5))
  })

  it("are not opened by a question for their head, and the connection goes on", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => {})
    onTestFinished(() => complaints.mockRestore())
    const server = await start()
    const { id } = await server.create(temporary("work"))
    const token = await server.streamToken()
    const { port, host } = new URL(server.url)
    const head = (path: string) => `HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`
    const socket = connect(Number(port), "127.0.0.1")
    socket.write(`${head("/v1/events")}${head(`/v1/sessions/${id}/events`)}${head("/v1/sessions/nothing/events")}`)
    let text = ""
    for await (const chunk of socket) {
      text += String(chunk)
      if (text.match(/\r\n\r\n/g)?.length === 3) break
    }
    expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 404"])
    expect(text.match(/^content-type: text\/event-stream/gim)).toHaveLength(2)
    expect(text).not.toContain("retry:")
    expect(complaints.mock.calls).toEqual([])
  })

  it("tell a cursor from the future as a gap, and refuse one that is no number", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("say a"))
    await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
    const { frames } = await server.stream(`/v1/sessions/${id}/events?after=999`)
    const seen: Frame[] = []
    for await (const frame of frames) {
      seen.push(frame)
      if (frame.event === "gap") await server.call("POST", `/v1/sessions/${id}/send`, { text: script("say b") })
      if (frame.event === "turn.ended") break
    }
    expect(seen[1]).toEqual({ event: "gap", data: expect.stringMatching(/^\{"from":999,"to":\d+\}$/) })
    expect(seen.filter(isData)[0]?.event).toBe("turn.requested")
    for (const cursor of ["x", "-1", "1.5", "", "1e3", "0x1", "9".repeat(16)]) {
      const { response } = await server.stream(`/v1/sessions/${id}/events?after=${cursor}`)
      expect([cursor, response.status]).toEqual([cursor, 400])
    }
  })

  it("carry every event's id, type and envelope, live, of all sessions or of one", async () => {
    const server = await start()
    const { frames } = await server.stream("/v1/events")
    const created = server.create(temporary("work"), script("say live"))
    const seen: Frame[] = []
    for await (const frame of frames) {
      seen.push(frame)
      if (frame.event === "turn.ended") break
    }
    await created
    const [retry, ...events] = seen
    expect(Number(retry?.retry)).toBeGreaterThan(0)
    expect(events.filter(isData).map(({ id }) => Number(id))).toEqual(
      events.filter(isData).map((_, index) => index + 1),
    )
    for (const { id, event, data } of events.filter(isData))
      expect(JSON.parse(data ?? "")).toMatchObject({
        seq: Number(id),
        type: event,
        hash: expect.any(String),
        ...(/^(?:system|server)\./.test(event ?? "") ? {} : { status: expect.any(String) }),
      })
  })

  it("beat while nothing happens, with the position and hash that prove it", async () => {
    const server = await start({ heartbeatMs: 20 })
    const { id } = await server.create(temporary("work"), script("say a"))
    await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
    const frames = await server.streamUntil(`/v1/sessions/${id}/events`, ({ comment }) => comment !== undefined)
    const { seq, hash } = (await server.call("GET", `/v1/sessions/${id}`)).body
    expect(frames.at(-1)?.comment).toBe(`seq=${seq} hash=${hash}`)
    const atHead = await server.streamUntil(
      `/v1/sessions/${id}/events?after=${seq}`,
      ({ comment }) => comment !== undefined,
    )
    expect(atHead.at(-1)?.comment).toBe(`seq=${seq} hash=${hash}`)
    const global = await server.streamUntil("/v1/events", ({ comment }) => comment !== undefined)
    expect(global.at(-1)?.comment).toBe(`seq=${seq}`)
  })

  it("say goodbye when the token ends, and when the server does", async () => {
    const server = await start({ streamTokenMs: 150 })
    const { id } = await server.create(temporary("work"))
    const expired = await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("bye"))
    expect(expired.at(-1)).toEqual({ event: "bye", data: '{"reason":"token-expired"}' })
    const lasting = await start()
    const { frames } = await lasting.stream("/v1/events")
    const seen: Frame[] = []
    for await (const frame of frames) {
      seen.push(frame)
      if (seen.length === 1) void lasting.server.close()
    }
    expect(seen.at(-1)).toEqual({ event: "bye", data: '{"reason":"shutdown"}' })
  })

  it("leave a reader behind that takes nothing; it comes back with the last id that it has", async () => {
    const server = await start({ stuckMs: 200 })
    const { id } = await server.create(temporary("work"), script("chunks 20000 1000", "say Done."))
    const path = `/v1/sessions/${id}/events`
    const { hostname, port } = new URL(server.url)
    const stuck = connect(Number(port), hostname)
    stuck.write(`GET ${path}?token=${await server.streamToken()} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    await once(stuck, "readable")
    await server.untilLogged(id, "turn.ended")
    let text = ""
    stuck.on("data", (bytes) => {
      text += String(bytes)
    })
    await once(stuck, "close")
    expect(text).not.toContain("event: turn.ended")
    const last = [...text.matchAll(/^id: (\d+)\n.*\n.*\n$/gm)].at(-1)?.[1] ?? ""
    const rest = await server.streamUntil(path, isData, { "Last-Event-ID": last })
    expect(rest.at(-1)?.id).toBe(String(Number(last) + 1))
  })

  it("hold up no server that closes, when a reader does not take its goodbye", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("chunks 20000 1000", "say Done."))
    const { hostname, port } = new URL(server.url)
    const stuck = connect(Number(port), hostname)
    const token = await server.streamToken()
    stuck.write(`GET /v1/sessions/${id}/events?token=${token} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    await once(stuck, "readable")
    await server.untilLogged(id, "turn.ended")
    await server.server.close()
    stuck.on("error", () => {}).resume()
    await once(stuck, "close")
  })

  it("of what does not exist are 404, and the log pages both ways", async () => {
    const server = await start()
    expect((await server.stream("/v1/sessions/nothing/events")).response.status).toBe(404)
    const { id } = await server.create(temporary("work"), script("say a"))
    await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
    const page = (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=3`)).body
    // The first two are the server's own: that its log was opened, and that it started.
    expect(page.items.map(({ seq }: { seq: number }) => seq)).toEqual([3, 4, 5])
    expect(page.nextCursor).toBe("5")
    const newest = (await server.call("GET", "/v1/log?limit=2")).body
    expect(newest.items[0].type).toBe("turn.ended")
    expect(newest.items[0].seq).toBe(newest.items[1].seq + 1)
  })
})

function rolledUp(frames: readonly Frame[]) {
  const { salt } = JSON.parse(frames[0]?.data ?? "").data
  return frames.reduce((hash, { data = "" }) => nextHash(hash, splitEnvelope(data), salt), EMPTY_HASH)
}
