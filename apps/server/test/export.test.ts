import { verifyHistory } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

async function fileOf(server: Server, id: string, query = "", key = server.server.token) {
  const reply = await fetch(`${server.url}/v1/sessions/${id}/export${query}`, { headers: bearer(key) })
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}

describe("a session as a file", () => {
  it("has its events to the letter, whose hash is the session's, also while others are written", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"), script("write a.txt x", "say One.", "wait"))
    const other = await server.create(temporary("other"), script("say two"))
    await server.untilLogged(id, "approval.requested")
    await server.untilLogged(other.id, "turn.ended")
    const before = await fileOf(server, id)
    await server.call("POST", `/v1/sessions/${id}/approve`)
    await server.untilLogged(id, "message.delta")
    const after = await fileOf(server, id, "?format=jsonl")
    expect(after.headers.get("Content-Type")).toBe("application/x-ndjson")
    expect(after.headers.get("Content-Disposition")).toBe(`attachment; filename="aegis-${id}.jsonl"`)
    for (const { status, text } of [before, after]) {
      expect([status, text.endsWith("\n")]).toEqual([200, true])
      const lines = text.trimEnd().split("\n")
      const events = lines.map((line) => JSON.parse(line))
      expect(new Set(events.map(({ sessionId }) => sessionId))).toEqual(new Set([id]))
      expect(await verifyHistory(lines, events[0].data.salt)).toBe(events.at(-1).hash)
    }
    expect(after.text.startsWith(before.text)).toBe(true)
    const { items } = (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=200`)).body
    const exported = after.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(exported).toEqual(items.slice(0, exported.length))
  })

  it("has all of a long one, and its transcript is what is read by other means", async () => {
    const server = await start()
    const words = Array.from({ length: 700 }, (_, n) => `say word ${n} ${n % 7 === 0 ? "[x]" : ""}`)
    const { id } = await server.create(temporary("work"), script("think Hm.", ...words, "run echo hi"))
    await server.untilLogged(id, "approval.requested")
    const { seq, hash } = (await server.call("GET", `/v1/sessions/${id}`)).body
    const jsonl = await fileOf(server, id)
    const last = JSON.parse(jsonl.text.trimEnd().split("\n").at(-1) ?? "")
    expect([last.seq, last.hash]).toEqual([seq, hash])
    const { messages, total } = (await server.call("GET", `/v1/sessions/${id}/read?limit=1000`)).body
    expect(messages).toHaveLength(total)
    const { text, headers } = await fileOf(server, id, "?format=md")
    expect(headers.get("Content-Type")).toBe("text/markdown; charset=utf-8")
    expect(text).toContain(`- Hash: \` ${hash} \`\n`)
    const headings = [...text.matchAll(/^##+ .* · (\S+) · (\d+)$/gm)].map(([, at, message]) => [at, Number(message)])
    expect(headings).toEqual(
      messages.map((message: { timestamp: string; id: number }) => [message.timestamp, message.id]),
    )
    for (const n of [0, 350, 699]) expect(text).toContain(`word ${n} `)
  })

  it("is only of what there is, in the formats that there are", async () => {
    const server = await start()
    const { id } = await server.create(temporary("work"))
    expect((await fileOf(server, id, "?format=pdf")).status).toBe(400)
    expect((await fileOf(server, id, "?after=1")).status).toBe(400)
    expect((await fileOf(server, "00000000-0000-4000-8000-000000000000")).status).toBe(404)
    const { key } = await server.createKey("custom", { permissions: ["memory.read"] })
    expect((await fileOf(server, id, "", key)).status).toBe(403)
  })
})
