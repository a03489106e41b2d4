import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

function startRecording() {
  const config = defaults(temporary("state"))
  return start({ config: { ...config, agent: { ...config.agent, recordTraffic: true } } })
}

async function cassetteOf(server: Server, id: string) {
  const reply = await fetch(`${server.url}/v1/sessions/${id}/export?format=cassette`, { headers: bearer(server.server.token) })
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}

function framesOf(text: string) {
  const [header, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line))
  return { header, lines }
}

/** The session's next answer to what the steps do, one step after the other. */
async function play(server: Server, workDir: string, agent: string | undefined) {
  const { id } = await server.create(workDir, script("think Hm.", "say Hello.", "write a.txt x", "ask Which?|red|blue", "say Done."), agent ? { agent } : {})
  await server.untilLogged(id, "approval.requested")
  await server.call("POST", `/v1/sessions/${id}/approve`)
  await server.untilLogged(id, "question.asked")
  const { body } = await server.call("POST", `/v1/sessions/${id}/answer`, { content: { choice: "blue" } })
  await server.untilLogged(id, "turn.ended")
  return id
}

describe("a cassette of a session", () => {
  it("is played again, to the same transcript", async () => {
    const server = await startRecording()
    const workDir = temporary("work")
    const id = await play(server, workDir, undefined)
    const { status, text } = await cassetteOf(server, id)
    expect(status).toBe(200)
    console.log(text)
    const other = await startRecording()
    writeFileSync(join(workDir, "a.cassette.jsonl"), text)
    const again = await play(other, workDir, "cassette:a.cassette.jsonl")
    const replayed = await cassetteOf(other, again)
    console.log(replayed.text)
    expect(framesOf(replayed.text).header.transcript).toEqual(framesOf(text).header.transcript)
  })
})
