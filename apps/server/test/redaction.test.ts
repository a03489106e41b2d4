import { hash } from "node:crypto"
import { Writable } from "node:stream"
import { verifyExport } from "@aegis/client"
import { describe, expect, it } from "vitest"
import { createLogger } from "../src/logger.ts"
import { bearer, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

type Server = Awaited<ReturnType<typeof start>>

// Put together here, so that no scanner takes them for real ones.
const github = ["ghp", "Zq3vXw81LmNc0TkRb7YhUj5Pd2Gs9Fa4"].join("_")
const password = "sword-fish-42"
const secrets = [github, password]

/** A session full of secrets: in its name, its labels, its prompt, and in what its agent does. */
async function work(server: Server, key = server.server.token) {
  const { body } = await server.call(
    "POST",
    "/v1/sessions",
    {
      workDir: temporary("work"),
      name: `with ${github}`,
      labels: { password, team: "blue" },
      prompt: script(`say ${github}`, `run curl -u ada:${password} https://example.invalid`),
      reuse: false,
    },
    bearer(key),
  )
  await server.untilLogged(body.id, "approval.requested")
  await server.call("POST", `/v1/sessions/${body.id}/reject`, { reason: `API_TOKEN=${password}` }, bearer(key))
  await server.untilLogged(body.id, "turn.ended")
  return body.id as string
}

async function textOf(server: Server, path: string, key = server.server.token) {
  const response = await fetch(`${server.url}${path}`, { headers: bearer(key) })
  expect(response.status).toBe(200)
  return response.text()
}

const found = (text: string) => secrets.filter((secret) => text.includes(secret))

describe("the audit trail", () => {
  it("has no secrets: neither as a page nor as a file; whoever may read the session has them exactly", async () => {
    const server = await start()
    const id = await work(server)
    const { key } = await server.createKey("custom", { permissions: ["audit.read"], tenantId: "local", userId: "eve" })
    for (const path of ["/v1/audit?limit=200", "/v1/audit/export", "/v1/audit/export?format=csv"])
      for (const reader of [key, server.server.token]) {
        const text = await textOf(server, path, reader)
        expect([path, found(text)]).toEqual([path, []])
        expect(text).toContain("[redacted: github-token]")
        expect(text).toContain("blue")
      }
    expect(found(await textOf(server, `/v1/sessions/${id}/log`))).toEqual(secrets)
    expect((await server.call("GET", `/v1/sessions/${id}/log`, undefined, bearer(key))).status).toBe(403)
  })

  it("has none of what is long either, which is gone through beside the answers of others", async () => {
    const server = await start()
    const long = "word ".repeat(8000)
    const prompt = script(`say ${long}${github} ${long}`)
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`label-${index}`, "blue ".repeat(40)]))
    Object.assign(labels, { password })
    const { id } = await server.create(temporary("work"), prompt, { labels })
    await server.untilLogged(id, "turn.ended")
    const { items } = (await server.call("GET", `/v1/sessions/${id}/log?after=0&limit=1`)).body
    expect(JSON.stringify(items[0].data).length).toBeGreaterThan(16 * 1024)
    for (const path of ["/v1/audit?limit=200", "/v1/audit/export", "/v1/audit/export?format=csv"]) {
      const text = await textOf(server, path)
      expect([path, found(text), text.includes(items[0].data.salt)]).toEqual([path, [], false])
      expect(text).toContain(`${long}[redacted: github-token] ${long}`)
    }
    const lines = (await textOf(server, "/v1/audit/export")).split("\n").slice(0, -1)
    expect((await verifyExport(lines)).redacted).toBe(lines.filter((line) => line.startsWith('{"dataHash"')).length)
  })

  it("is proved all the same: each entry is in the log, and it is counted which are without their secrets", async () => {
    const server = await start()
    await work(server)
    await server.createKey("viewer")
    const lines = (await textOf(server, "/v1/audit/export")).split("\n").slice(0, -1)
    const redacted = lines.filter((line) => line.startsWith('{"dataHash"'))
    const { entries, ...verdict } = await verifyExport(lines)
    expect(verdict.redacted).toBe(redacted.length)
    expect(redacted.length).toBe(lines.filter((line) => line.includes("[redacted: ")).length)
    expect(redacted.length).toBeLessThan(entries)
    // What has no secret is to the letter what the log has.
    const log = await textOf(server, "/v1/log?limit=200")
    for (const line of lines.filter((one) => one.startsWith('{"salt"')))
      expect(log).toContain(line.slice(line.indexOf(',"event":') + ',"event":'.length, -1))
  })

  it("tells nobody how to try what was hidden: no stream's salt, and no salt that another entry has", async () => {
    const server = await start()
    const id = await work(server)
    const { items } = (await server.call("GET", "/v1/log?limit=200")).body
    const salts = items.flatMap(({ data }: { data: { salt?: string } }) => data.salt ?? []) as string[]
    expect(salts.length).toBeGreaterThan(0)
    const [list, file] = [await textOf(server, "/v1/audit?limit=200"), await textOf(server, "/v1/audit/export")]
    const entries = file
      .split("\n")
      .slice(1, -2)
      .map((line) => JSON.parse(line))
    const known = entries.flatMap(({ salt }) => salt ?? []) as string[]
    for (const salt of salts) expect(list + file + known.join()).not.toContain(salt)
    const hidden = entries.find(({ event }) => event.sessionId === id && event.type === "turn.requested")
    // The reader has guessed it, to the letter.
    const guess = JSON.stringify(items.find(({ seq }: { seq: number }) => seq === hidden.event.seq).data)
    const seq = Buffer.alloc(8)
    seq.writeBigUInt64BE(BigInt(hidden.event.seq))
    for (const salt of known)
      for (const tried of [Buffer.from(salt, "hex"), Buffer.concat([Buffer.from(salt, "hex"), seq])])
        expect(hash("sha256", Buffer.concat([tried, Buffer.from(guess)]))).not.toBe(hidden.dataHash)
  })
})

describe("a line of the log", () => {
  it("has no secret: in its message, in what stands beside it, in an error, in a name", () => {
    let written = ""
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString()
        done()
      },
    })
    const logger = createLogger({ level: "trace", format: "json" }, stream)
    logger.info({ err: new Error(`cannot reach postgres://app:${password}@db/x`) }, `with ${github}`)
    logger.info(
      { headers: { authorization: password }, [`of ${github}`]: 1, body: `{"token":"${password}"}` },
      "request",
    )
    expect(found(written)).toEqual([])
    const lines = written
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({ level: 30, msg: "with [redacted: github-token]" })
    expect(lines[0].err.message).toBe("cannot reach postgres://app:[redacted: url-password]@db/x")
    expect(lines[1]).toMatchObject({ headers: { authorization: "[redacted: authorization]" }, msg: "request" })
  })

  it("has no secret of an address that was asked for", async () => {
    let written = ""
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString()
        done()
      },
    })
    const server = await start({ logger: createLogger({ level: "trace", format: "json" }, stream) })
    await server.call("GET", `/v1/${github}/x`)
    expect(written).toContain("/v1/[redacted: github-token]/x")
    expect(found(written)).toEqual([])
  })
})

it("a problem does not say a secret again that was sent", async () => {
  const server = await start()
  const answers = [
    await server.call("GET", `/v1/${github}`),
    await server.call("GET", `/v1/sessions/${github}`),
    await server.call("POST", "/v1/sessions", { workDir: `/no/${github}`, reuse: false }),
    await server.call("POST", "/v1/sessions", { workDir: "/tmp", [github]: 1 }),
    await server.call("POST", "/v1/sessions", { workDir: temporary("work"), agent: github, reuse: false }),
  ]
  for (const { status, body } of answers) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(body)).toContain("[redacted: github-token]")
    expect(found(JSON.stringify(body))).toEqual([])
  }
})

it("a problem does not say a part of a secret where it was cut", async () => {
  const server = await start()
  for (let length = 1940; length < 2000; length += 10) {
    const { status, body } = await server.call("POST", "/v1/sessions", { [`${"x ".repeat(length / 2)}${github}`]: 1 })
    expect(status).toBe(400)
    expect(JSON.stringify(body)).not.toContain(github.slice(0, 8))
  }
})

it("a session does not say the secrets of its agent's command", async () => {
  const args = ["-e", "process.exit(3)", "--", "--token", password, `--url=https://ada:${password}@example.invalid`]
  const server = await start({
    config: { agents: { autoInstall: false, named: { mine: { command: process.execPath, args } } } },
  })
  const { id } = await server.create(temporary("work"), "x", { agent: "mine", reuse: false })
  await server.untilLogged(id, "agent.exited")
  const text = await textOf(server, `/v1/sessions/${id}/log`)
  expect(text).toContain('"--token","[redacted: token]","--url=https://ada:[redacted: url-password]@example.invalid"')
  expect(found(text)).toEqual([])
})
