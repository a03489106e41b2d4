import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { bearer, defaults, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

// Put together here, so that no scanner takes it for a real one.
const github = ["ghp", "Zq3vXw81LmNc0TkRb7YhUj5Pd2Gs9Fa4"].join("_")

function startRecording(stateDir = temporary("state")) {
  const config = defaults(stateDir)
  const restart = { max: 3, backoffMs: 1 }
  return start({ config: { ...config, agent: { ...config.agent, restart, recordTraffic: true } } })
}

async function exported(server: Server, id: string) {
  const path = `${server.url}/v1/sessions/${id}/export?format=cassette`
  const reply = await fetch(path, { headers: bearer(server.server.token) })
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}

/** The session's cassette, in the folder that it is played in. */
async function cassetteOf(server: Server, id: string, workDir: string) {
  const { status, text } = await exported(server, id)
  expect(status).toBe(200)
  writeFileSync(join(workDir, "it.jsonl"), text)
  return text
}

const headOf = (text: string) => JSON.parse(text.split("\n")[0] ?? "")

/** What one of the two said, in its order, with every id that is of this session alone by its kind. */
function framesFrom(text: string, speaker: "agent" | "client") {
  const [, ...lines] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
  const session = lines.map(({ frame }) => frame?.result?.sessionId).find((id) => id !== undefined)
  return lines
    .filter(({ from }) => from === speaker)
    .map(({ run, frame, text: raw }) => `${run} ${raw ?? JSON.stringify(frame)}`.replaceAll(session, "S"))
    .map((frame) => frame.replaceAll(/"(initialize|open|mode|prompt):[0-9a-f-]{36}/g, '"$1'))
}

async function until(server: Server, sessionId: string, type: string, count = 1) {
  let seen = 0
  for await (const page of server.server.aegis.tail({ sessionId, after: 0 }))
    for (const { event } of page) if (event.type === type && ++seen === count) return event as { readonly data: object }
  throw new Error(`The log ended without ${type}.`)
}

const wholeDay = [
  script("think Hm.", "say Hello.", "tool Read read a.txt", "writes 2", "ask Which?|red|blue", "say Done."),
  script("say I wait.", 'raw {"odd": 1.0}', "wait"),
  script("say Oh.", "crash"),
  script("say Here again.", "fail -32603 No more"),
]

/** A session with all of it: approvals, a question, an interrupt, a crash, and a resumed process. */
async function spendDay(server: Server, workDir: string, agent: string) {
  const post = (path: string, body?: object) => server.call("POST", `/v1/sessions/${id}/${path}`, body)
  const { id } = await server.create(workDir, wholeDay[0], { agent })
  await until(server, id, "approval.requested", 2)
  const { items } = (await server.call("GET", `/v1/sessions/${id}/approvals`)).body
  const byFile = (file: string) => items.find(({ tool }: { tool: { title: string } }) => tool.title.includes(file))
  await post("approve", { approvalId: byFile("demo-1").approvalId })
  await post("reject", { approvalId: byFile("demo-2").approvalId })
  await until(server, id, "question.asked")
  await post("answer", { content: { choice: "blue" } })
  await until(server, id, "turn.ended", 1)
  await post("send", { text: wholeDay[1] })
  await until(server, id, "agent.update", 1)
  await post("interrupt")
  await until(server, id, "turn.ended", 2)
  await post("send", { text: wholeDay[2] })
  await until(server, id, "agent.exited", 1)
  await post("send", { text: wholeDay[3] })
  await until(server, id, "turn.ended", 4)
  return id as string
}

describe("a session's cassette", () => {
  it("is played by another server to the same frames and the same transcript, without the agent", async () => {
    const workDir = temporary("work")
    const server = await startRecording()
    const id = await spendDay(server, workDir, "demo")
    const text = await cassetteOf(server, id, workDir)
    expect(headOf(text)).toMatchObject({
      format: "aegis-cassette",
      version: 1,
      agent: { name: "demo", program: "aegis-demo", version: "1.0.0" },
      runs: [{ ended: "crashed" }, {}],
    })
    const other = await startRecording()
    const again = await exported(other, await spendDay(other, workDir, "cassette:it.jsonl"))
    expect(again.headers.get("Content-Type")).toBe("application/x-ndjson")
    expect(headOf(again.text).transcript).toEqual(headOf(text).transcript)
    expect(headOf(again.text).transcript.messages).toBeGreaterThan(15)
    for (const speaker of ["agent", "client"] as const)
      expect(framesFrom(again.text, speaker)).toEqual(framesFrom(text, speaker))
    const [one, two] = [headOf(text).agent, headOf(again.text).agent]
    expect([one.name, two.name]).toEqual(["demo", "cassette:it.jsonl"])
  })

  it("has no secret, and is played all the same; what was not recorded is told, with what was", async () => {
    const workDir = temporary("work")
    const server = await startRecording()
    const prompt = script(`say the key is ${github}.`, "run echo", "env")
    const begin = async (agent: string, text: string) => {
      const { id, reused } = await server.create(workDir, text, { agent })
      expect(reused).toBe(false)
      return id as string
    }
    const decide = async (id: string, decision: "approve" | "reject") => {
      await until(server, id, "approval.requested")
      await server.call("POST", `/v1/sessions/${id}/${decision}`)
      return (await until(server, id, "turn.ended")).data
    }
    const id = await begin("demo", prompt)
    await decide(id, "approve")
    const text = await cassetteOf(server, id, workDir)
    expect(text).not.toContain(github)
    expect(text).not.toContain(server.server.token)
    expect(text.match(/the key is \[redacted: github-token\]\./g)).toHaveLength(2)

    const again = await begin("cassette:it.jsonl", prompt)
    expect(await decide(again, "approve")).toMatchObject({ stopReason: "end_turn" })
    expect(headOf((await exported(server, again)).text).transcript).toEqual(headOf(text).transcript)
    const withoutSecret = await begin("cassette:it.jsonl", prompt.replace(github, "[redacted: github-token]"))
    expect(await decide(withoutSecret, "reject")).toMatchObject({
      error: { message: expect.stringMatching(/its line \d+\).*"once" was recorded, and "\w+" came/) },
    })
    const other = await begin("cassette:it.jsonl", prompt.replace("the key", "a key"))
    expect((await until(server, other, "turn.ended")).data).toMatchObject({
      error: { message: expect.stringMatching(/session\/prompt \(its line \d+\).*the key.* recorded.*a key.* came/s) },
    })
    writeFileSync(join(workDir, "it.jsonl"), text.replace('"version":1', '"version":2'))
    const refused = await server.call("POST", "/v1/sessions", { workDir, agent: "cassette:it.jsonl" })
    expect(refused.body.detail).toContain('Line 1 is wrong at "version"')
  })

  it("is to be had of what was recorded as a whole", async () => {
    const [stateDir, workDir] = [temporary("state"), temporary("work")]
    const first = await start({ config: defaults(stateDir) })
    const { id } = await first.create(workDir, script("say One."))
    await until(first, id, "turn.ended")
    const refused = await exported(first, id)
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      409,
      { code: "traffic-not-recorded", detail: expect.stringContaining("agent.recordTraffic") },
    ])
    await first.server.close()
    const second = await startRecording(stateDir)
    await second.call("POST", `/v1/sessions/${id}/send`, { text: script("say Two.") })
    await until(second, id, "turn.ended", 2)
    expect(JSON.parse((await exported(second, id)).text).detail).toContain("What 1 of this session's 2 processes said")
  })
})

describe("the agent cassette:<file>", () => {
  it("reads a file of the session's folder only, and says nothing of what is in another", async () => {
    const secret = "swordfish"
    const workDir = temporary("work")
    const outside = temporary("outside")
    const server = await startRecording(join(workDir, "state"))
    mkdirSync(join(workDir, "folder"))
    for (const path of [join(outside, "it.jsonl"), join(workDir, "damaged"), join(workDir, "state", "it.jsonl")])
      writeFileSync(path, `{"${secret}":"${secret}"}\n${secret}\n`)
    symlinkSync(join(outside, "it.jsonl"), join(workDir, "link"))
    for (const [file, problem] of [
      ["../outside/it.jsonl", "not in the session's folder"],
      [join(outside, "it.jsonl"), "not in the session's folder"],
      ["link", "not in the session's folder"],
      ["state/it.jsonl", "not in the session's folder"],
      ["/etc/passwd", "not in the session's folder"],
      ["/etc/not-there", "not in the session's folder"],
      ["none", "no file"],
      ["folder", "no file"],
      ["", "no file"],
      ["damaged", "Line 1"],
    ]) {
      const body = { workDir, agent: `cassette:${file}`, prompt: "hello" }
      const reply = await server.call("POST", "/v1/sessions", body)
      expect([file, reply.status, reply.body]).toMatchObject([file, 422, { code: "cassette-invalid" }])
      expect(reply.body.detail).toContain(problem)
      expect(JSON.stringify(reply.body)).not.toContain(secret)
    }
    expect((await server.call("GET", "/v1/sessions")).body.items).toEqual([])
  })
})
