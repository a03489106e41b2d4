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
    detail: "Wrong.",
    errors: [{ path: "workDir", message: "missing" }],
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

it.each([
  [503, "storage-full"],
  [429, "rate-limited"],
])("tries again when the server asks to wait with %i, and what could happen twice never", async (status, code) => {
  let calls = 0
  const url = await play((request, response) => {
    calls += 1
    if (request.method === "GET" && calls > 2) answer(response, 200, { version: "1" })
    else answer(response, status, { code, detail: "Not now." }, { "Retry-After": "0" })
  })
  const client = new AegisClient(url, "x")
  expect(await client.getVersion()).toEqual({ version: "1" })
  expect(calls).toBe(3)
  await expect(client.createLoginCode()).rejects.toMatchObject({ code })
  expect(calls).toBe(4)
  await expect(client.interruptSession("s")).rejects.toMatchObject({ code })
  expect(calls).toBe(7)
})

it("leaves at the signal", async () => {
  const url = await play(() => {})
  const abort = new AbortController()
  const waiting = new AegisClient(url, "x").getVersion({ signal: abort.signal })
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" })
})

it("tells an answer that ends too early, and one that is a page, from what was asked for", async () => {
  const bodies = ["<html>", '{"version":']
  const url = await play((_request, response) => response.end(bodies.shift()))
  const client = new AegisClient(url)
  await expect(client.verifyToken()).rejects.toMatchObject({ status: 200, code: "answer-unreadable" })
  await expect(client.verifyToken()).rejects.toMatchObject({ status: 200, code: "answer-unreadable" })
  const cutting = await play((_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "100" })
    response.write('{"version":', () => response.destroy())
  })
  await expect(new AegisClient(cutting).verifyToken()).rejects.toMatchObject({ status: 0, code: "unreachable" })
})

it("tries again when nobody answered, at most twice, each write with a key of its own, and what has none never", async () => {
  const calls: string[] = []
  const keys: unknown[] = []
  const url = await play((request, response) => {
    calls.push(request.method ?? "")
    keys.push(request.headers["idempotency-key"])
    response.destroy()
  })
  const client = new AegisClient(url, "x")
  await expect(client.getVersion()).rejects.toMatchObject({ code: "unreachable" })
  await expect(client.createSession({ workDir: "/" })).rejects.toMatchObject({ code: "unreachable" })
  await expect(client.killSession("s", { idempotencyKey: "mine" })).rejects.toMatchObject({ code: "unreachable" })
  await expect(client.createLoginCode()).rejects.toMatchObject({ code: "unreachable" })
  expect(calls).toEqual(["GET", "GET", "GET", "POST", "POST", "POST", "DELETE", "DELETE", "DELETE", "POST"])
  expect([...new Set(keys)]).toEqual([undefined, expect.stringMatching(/^[0-9a-f]{32}$/), "mine"])
})

it.each([undefined, "60"])("does not try again after a 503 with Retry-After %s", async (retryAfter) => {
  let calls = 0
  const url = await play((_request, response) => {
    calls += 1
    answer(response, 503, { code: "starting", detail: "Wait." }, retryAfter ? { "Retry-After": retryAfter } : {})
  })
  await expect(new AegisClient(url, "x").getVersion()).rejects.toMatchObject({ code: "starting" })
  expect(calls).toBe(1)
})

it("leaves at the signal while it waits to try again, and at the client's own", async () => {
  const asked = Promise.withResolvers<void>()
  const url = await play((_request, response) => {
    answer(response, 503, { code: "starting", detail: "Wait." }, { "Retry-After": "9" })
    asked.resolve()
  })
  const abort = new AbortController()
  const client = new AegisClient(url, "x", { signal: abort.signal })
  const waiting = client.getVersion({ signal: new AbortController().signal })
  await asked.promise
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" })
})

it("uses a browser's cookies where it has no token, and only there, with the page's half of the login", async () => {
  const shown: (string | null)[][] = []
  const fetch = async (input: RequestInfo | URL) => {
    const { credentials, headers } = input as Request
    shown.push([credentials, headers.get("X-Aegis-Page-Token"), headers.get("Authorization")])
    return Response.json({})
  }
  await new AegisClient("http://aegis.test", undefined, { fetch }).getVersion()
  await new AegisClient("http://aegis.test", undefined, { fetch, pageToken: "half" }).getVersion()
  await new AegisClient("http://aegis.test", "x", { fetch }).getVersion()
  expect(shown).toEqual([
    ["same-origin", null, null],
    ["same-origin", "half", null],
    ["omit", null, "Bearer x"],
  ])
})

it("knows a problem of another copy of itself", () => {
  expect(AegisProblem.is({ [Symbol.for("@aegis/client/problem")]: true })).toBe(true)
  expect(AegisProblem.is(new Error("No."))).toBe(false)
})
