import { expect, it } from "vitest"
import { AegisClient, AegisProblem } from "../src/index.ts"
import { answer, usePlayServer } from "./play-server.ts"

const play = usePlayServer()

it("sends what an operation takes, with the token, and gives what it answers", async () => {
  const seen: string[] = []
  const url = await play(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += String(chunk)
    seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`)
    answer(response, 200, { ok: true })
  })
  const client = new AegisClient(`${url}/`, "secret")
  await client.createSession({ workDir: "/projects/demo" })
  await client.sendMessage("a/b", "Hello")
  await client.approvePermission("s1")
  await client.listSessions({ status: "idle", limit: 3 })
  expect(seen).toEqual([
    'POST /v1/sessions Bearer secret {"workDir":"/projects/demo"}',
    'POST /v1/sessions/a%2Fb/send Bearer secret {"text":"Hello"}',
    "POST /v1/sessions/s1/approve Bearer secret ",
    "GET /v1/sessions?status=idle&limit=3 Bearer secret ",
  ])
})

it("throws a problem with all that the server said of it", async () => {
  const url = await play((_request, response) =>
    answer(
      response,
      400,
      {
        status: 400,
        code: "request-invalid",
        detail: "Wrong.",
        requestId: "r1",
        errors: [{ path: "workDir", message: "missing" }],
      },
      { "Retry-After": "7", "Content-Type": "application/problem+json" },
    ),
  )
  const problem = await new AegisClient(url, "x").createSession({ workDir: "" }).catch((error: unknown) => error)
  expect(AegisProblem.is(problem)).toBe(true)
  expect(problem).toMatchObject({
    status: 400,
    code: "request-invalid",
    requestId: "r1",
    message: "Wrong. workDir: missing",
    retryAfterSeconds: 7,
  })
})

it("tells an answer that is not from Aegis, and a place where nobody is", async () => {
  const url = await play((_request, response) => response.writeHead(502).end("<html>"))
  await expect(new AegisClient(url).getVersion()).rejects.toMatchObject({ status: 502, code: "answer-unreadable" })
  await expect(new AegisClient("http://127.0.0.1:9").createSession({ workDir: "/" })).rejects.toMatchObject({
    status: 0,
    code: "unreachable",
    message: expect.stringContaining("ag server start"),
  })
})

it("tries reading again when the server asks to wait, and writing never", async () => {
  let calls = 0
  const url = await play((request, response) => {
    calls += 1
    if (request.method === "GET" && calls > 2) answer(response, 200, { version: "1" })
    else answer(response, 503, { code: "storage-full", detail: "Full." }, { "Retry-After": "0" })
  })
  const client = new AegisClient(url, "x")
  expect(await client.getVersion()).toEqual({ version: "1" })
  expect(calls).toBe(3)
  await expect(client.interruptSession("s")).rejects.toMatchObject({ code: "storage-full" })
  expect(calls).toBe(4)
})

it("leaves at the signal", async () => {
  const url = await play(() => {})
  const abort = new AbortController()
  const waiting = new AegisClient(url, "x").getVersion({ signal: abort.signal })
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" })
})
