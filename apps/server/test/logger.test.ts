import { Writable } from "node:stream"
import { pino } from "pino"
import { expect, it } from "vitest"
import { createLogger } from "../src/logger.ts"
import { codeOf, isEvent, script, useServer } from "./server-harness.ts"

const { start, temporary } = useServer()

it("writes an address as it was sent, with nothing that a terminal obeys or that ends a line", async () => {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().split("\n"))
      done()
    },
  })
  const server = await start({ logger: pino({ level: "trace" }, stream) })
  for (const path of ["/v1/%1b%5b31m", "/v1/%0a%0d", "/v1/%E2%80%AE", "/v1/%E2%80%A8", "/v1/%7f"])
    await server.call("GET", path)
  const paths = lines.filter((line) => line !== "").map((line) => JSON.parse(line).path as string | undefined)
  expect(paths).toEqual(expect.arrayContaining(["/v1/%1b%5b31m", "/v1/%0a%0d", "/v1/%E2%80%AE"]))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  expect(lines.filter((line) => /[\x00-\x1f\x7f-\x9f\u2028-\u202e]/.test(line))).toEqual([])
})

it("writes down every request, and no secret of any kind", async () => {
  let written = ""
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString()
      done()
    },
  })
  const server = await start({ logger: pino({ level: "trace" }, stream) })
  const { id } = await server.create(temporary("work"), script("say the words of a prompt"))
  const token = await server.streamToken()
  await server.streamUntil(`/v1/sessions/${id}/events`, isEvent("turn.ended"))
  const stop = new AbortController()
  await fetch(`${server.url}/v1/events?token=${token}`, { signal: stop.signal })
  stop.abort()
  await server.call("GET", `/v1/sessions?token=${server.server.token}`, undefined, {})
  const { body } = await server.call("POST", "/v1/auth/login-code")
  const code = codeOf(body.url)
  const login = await server.signIn(body.url)
  const [cookie, pageToken] = [login.Cookie.slice("aegis_session=".length), login["X-Aegis-Page-Token"]]
  expect((await server.call("GET", "/v1/sessions", undefined, login)).status).toBe(200)

  const paths = written
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).path)
  expect(paths).toEqual(expect.arrayContaining(["/v1/sessions", "/v1/auth/exchange", "/v1/events"]))
  const secrets = { local: server.server.token, token, code, cookie, pageToken, prompt: "the words of a prompt" }
  for (const [name, secret] of Object.entries(secrets)) {
    expect([name, secret.length > 10]).toEqual([name, true])
    expect([name, written.includes(secret)]).toEqual([name, false])
  }
})

it("says what went wrong, and where, without the secrets in it", () => {
  let written = ""
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString()
      done()
    },
  })
  const secret = ["sk", "ant", "0123456789abcdef0123"].join("-")
  const error = new Error(`no answer with ${secret}`)
  createLogger({ level: "info", format: "json" }, stream).error({ error }, "request failed")
  expect(JSON.parse(written).error).toMatchObject({
    type: "Error",
    message: "no answer with [redacted: anthropic-key]",
    stack: expect.stringContaining("logger.test.ts"),
  })
})
