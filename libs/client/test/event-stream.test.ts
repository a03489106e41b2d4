import type { ServerResponse } from "node:http"
import fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import { AegisClient, AegisProblem, type EventsOptions } from "../src/index.ts"
import { playFetch } from "./play-fetch.ts"
import { answer, bye, envelope, frame, openStream, usePlayServer } from "./play-server.ts"

const play = usePlayServer()
afterEach(() => void vi.useRealTimers())

/** Plays streams one after the other: each gets the cursor that it was asked for. */
async function streams(...plays: readonly ((response: ServerResponse, after: number) => unknown)[]) {
  const tokens: string[] = []
  const asked: number[] = []
  const credentials: (string | undefined)[] = []
  const url = await play(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost")
    if (pathname === "/v1/auth/sse-token") {
      let body = ""
      for await (const chunk of request) body += String(chunk)
      const token = `sse_${tokens.push(body)}`
      return answer(response, 201, { token, expiresAt: "2999-01-01T00:00:00.000Z" })
    }
    credentials.push(request.headers.authorization)
    const after = Number(searchParams.get("after"))
    return plays[asked.push(after) - 1]?.(response, after)
  })
  return { client: new AegisClient(url, "key"), asked, tokens, credentials }
}

async function read(client: AegisClient, options: EventsOptions = {}) {
  const seen: unknown[] = []
  for await (const item of client.rawEvents("s1", options)) seen.push(item.type === "gap" ? item : item.seq)
  return seen
}

async function readTexts(client: AegisClient, sessionId: string) {
  const texts: string[] = []
  for await (const item of client.rawEvents(sessionId)) if (item.type === "event") texts.push(item.json)
  return texts
}

const end = bye("session-ended")
const refuse = (status: number, code: string) => (response: ServerResponse) =>
  answer(response, status, { code, detail: "No." })

describe("a cut connection", () => {
  it.each(["\n", "\r\n"])("is resumed wherever it is cut, each event once, with line ends %j", async (lineEnd) => {
    const whole = `${frame(1, lineEnd)}${frame(2, lineEnd)}: seq=2 hash=ab${lineEnd}${lineEnd}${frame(3, lineEnd)}`
    const bytes = Buffer.from(`retry: 1\n\n${whole}`)
    const connections = new Map<string, number>()
    const url = await play((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost")
      if (pathname === "/v1/auth/sse-token") return answer(response, 201, { token: "sse_1" })
      const [cut = 0] = /\d+$/.exec(pathname.replace("/events", "")) ?? []
      connections.set(pathname, (connections.get(pathname) ?? 0) + 1)
      if (connections.get(pathname) === 1)
        return openStream(response).write(bytes.subarray(0, 10 + Number(cut)), () =>
          Number(cut) % 2 ? response.destroy() : response.end(),
        )
      // It sends one too many, as a server may that does not know what has arrived.
      const rest = [1, 2, 3].filter((seq) => seq >= Number(searchParams.get("after")))
      return openStream(response).end(rest.map((seq) => frame(seq, lineEnd)).join("") + end)
    })
    const client = new AegisClient(url, "key")
    const cuts = Array.from({ length: bytes.length - 9 }, (_, cut) => cut)
    for (let first = 0; first < cuts.length; first += 40)
      await Promise.all(
        cuts.slice(first, first + 40).map(async (cut) => {
          expect(await readTexts(client, `cut-${cut}`)).toEqual([1, 2, 3].map(envelope))
        }),
      )
    expect(cuts.length).toBeGreaterThan(300)
    expect([...connections.values()].every((count) => count === 2)).toBe(true)
  })

  it("gives the same, whatever the chunks, the cuts, and the repeats", async () => {
    const cutArbitrary = fc.record({
      cut: fc.nat(900),
      splits: fc.array(fc.nat(900), { maxLength: 12 }),
      again: fc.nat(3),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(cutArbitrary, { maxLength: 6 }), fc.nat(5), async (cuts, count) => {
        const seqs = Array.from({ length: count }, (_, index) => 2 * index + 1)
        const bytesAfter = (after: number, again: number) =>
          Buffer.from(
            `retry: 0\n\n: seq=0\n\n${seqs
              .filter((seq) => seq > after - again)
              .map((seq) => `${frame(seq, seq % 3 ? "\n" : "\r\n")}: seq=${seq} hash=ab\n\n`)
              .join("")}${end}`,
          )
        const { fetch, asked } = playFetch(
          () => ({ chunks: ["retry: 0\n\n"] }),
          ...cuts.map(({ cut, splits, again }) => (after: number) => {
            const bytes = bytesAfter(after, again)
            // The goodbye is kept back: with it a stream is over, and not cut.
            return { chunks: split(bytes.subarray(0, Math.min(cut, bytes.length - end.length)), splits) }
          }),
          (after) => ({ chunks: [bytesAfter(after, 0)] }),
        )
        const client = new AegisClient("http://aegis.test", "key", { fetch })
        expect(await readTexts(client, "s1")).toEqual(seqs.map(envelope))
        expect(asked).toEqual(asked.toSorted((left, right) => left - right))
      }),
    )
  })

  it("waits at least as long as the server asked", async () => {
    vi.useFakeTimers()
    const { fetch, asked } = playFetch(
      () => ({ chunks: [`retry: 5000\n\n${frame(1)}`] }),
      () => ({ chunks: [frame(2), end] }),
    )
    const reading = read(new AegisClient("http://aegis.test", "key", { fetch }))
    await vi.advanceTimersByTimeAsync(4999)
    expect(asked).toEqual([0])
    await vi.advanceTimersByTimeAsync(2501)
    expect(asked).toEqual([0, 1])
    expect(await reading).toEqual([1, 2])
  })

  it("is tried again more and more slowly while nobody answers, or there is too much to do", async () => {
    const { client, asked } = await streams(
      (response) => openStream(response).end(`retry: 1\n\n${frame(1)}${bye("shutdown")}`),
      (response) => response.destroy(),
      refuse(503, "starting"),
      refuse(429, "rate-limited"),
      (response) => openStream(response).end(frame(2) + end),
    )
    expect(await read(client)).toEqual([1, 2])
    expect(asked).toEqual([0, 1, 1, 1, 1])
  })
})

describe("onConnection", () => {
  it("says when the stream is connected, when it is not and why, and how long it waits", async () => {
    const { client } = await streams(
      (response) => openStream(response).end(`retry: 1\n\n${frame(1)}`),
      refuse(503, "starting"),
      (response) => openStream(response).end(frame(2) + end),
    )
    const states: unknown[] = []
    const onConnection: EventsOptions["onConnection"] = (state) =>
      states.push(
        state.type === "open"
          ? "open"
          : [AegisProblem.is(state.error) ? state.error.code : state.error, state.retryMs > 0],
      )
    expect(await read(client, { onConnection })).toEqual([1, 2])
    expect(states).toEqual(["open", [undefined, true], ["starting", true], "open"])
  })
})

describe("a stream token", () => {
  it("is asked for the session, or for all, and sent as a bearer", async () => {
    const { client, tokens, credentials } = await streams(
      (response) => openStream(response).end(end),
      (response) => openStream(response).end(end),
    )
    await client.events("s1").next()
    await client.events().next()
    expect(tokens).toEqual(['{"sessionId":"s1"}', "{}"])
    expect(credentials).toEqual(["Bearer sse_1", "Bearer sse_2"])
  })

  it("is renewed at once when it has ended, and when it is refused, even after an outage", async () => {
    const { client, asked, credentials } = await streams(
      (response) => openStream(response).end(`retry: 1\n\n${frame(1)}${bye("token-expired")}`),
      (response) => openStream(response).end(`retry: 1\n\n${frame(2)}`),
      refuse(503, "starting"),
      refuse(401, "credential-missing"),
      (response) => openStream(response).end(frame(3) + end),
    )
    expect(await read(client)).toEqual([1, 2, 3])
    expect(asked).toEqual([0, 1, 2, 2, 2])
    expect(credentials.map((credential) => credential?.at(-1))).toEqual(["1", "2", "2", "2", "3"])
  })

  it("costs no wait when it ends while events flow", async () => {
    vi.useFakeTimers()
    const { fetch } = playFetch(
      () => ({ chunks: [`retry: 5000\n\n${frame(1)}${bye("token-expired")}`] }),
      () => ({ chunks: [frame(2), end] }),
    )
    expect(await read(new AegisClient("http://aegis.test", "key", { fetch }))).toEqual([1, 2])
  })

  it("is not used after its end", async () => {
    let tokens = 0
    const seen: (string | undefined)[] = []
    const url = await play((request, response) => {
      if (request.url === "/v1/auth/sse-token")
        return answer(response, 201, { token: `sse_${++tokens}`, expiresAt: "2020-01-01T00:00:00.000Z" })
      seen.push(request.headers.authorization)
      return openStream(response).end(seen.length < 2 ? `retry: 1\n\n${frame(1)}` : end)
    })
    expect(await read(new AegisClient(url, "key"))).toEqual([1])
    expect(seen).toEqual(["Bearer sse_1", "Bearer sse_2"])
  })
})

describe("a stream that cannot be", () => {
  it.each([
    [404, "session-not-found"],
    [400, "cursor-invalid"],
    [401, "credential-missing"],
    [503, "starting"],
  ])("ends with the server's problem %i", async (status, code) => {
    const { client } = await streams(refuse(status, code), refuse(status, code), refuse(status, code))
    const problem = await client
      .events("s1")
      .next()
      .catch((error: unknown) => error)
    expect(problem).toMatchObject({ status, code })
  })

  it("ends when nobody is there at first", async () => {
    const problem = await read(new AegisClient("http://127.0.0.1:9", "key")).catch((error: unknown) => error)
    expect(AegisProblem.is(problem)).toBe(true)
    expect(problem).toMatchObject({ status: 0, code: "unreachable", detail: expect.stringContaining("127.0.0.1:9") })
  })

  it.each([
    ["a page of something else", "text/html", "<html>"],
    ["an event that is no JSON", "text/event-stream", "id: 1\nevent: x\ndata: {\n\n"],
  ])("ends with %s", async (_what, type, body) => {
    const { client } = await streams((response) => response.writeHead(200, { "Content-Type": type }).end(body))
    await expect(read(client)).rejects.toMatchObject({ code: "answer-unreadable" })
  })
})

describe("a gap", () => {
  it("is told, and what follows it is given", async () => {
    const { client, asked } = await streams(
      (response) => openStream(response).end(`retry: 1\n\nevent: gap\ndata: {"from":3,"to":6}\n\n`),
      (response) => openStream(response).end(frame(7) + end),
    )
    expect(await read(client, { after: 2 })).toEqual([{ type: "gap", from: 3, to: 6 }, 7])
    expect(asked).toEqual([2, 6])
  })

  it("of a log that was set back takes the reader back", async () => {
    const { client, asked } = await streams(
      (response) => openStream(response).end(`retry: 1\n\nevent: gap\ndata: {"from":9,"to":4}\n\n${frame(5)}`),
      (response) => openStream(response).end(frame(6) + end),
    )
    const seen: unknown[] = []
    for await (const item of client.events("s1", { after: 9 })) seen.push(item)
    expect(seen).toMatchObject([{ type: "gap", from: 9, to: 4 }, { seq: 5 }, { seq: 6 }])
    expect(asked).toEqual([9, 5])
  })
})

describe("silence", () => {
  it("of the server ends a connection, and heartbeats keep it", async () => {
    vi.useFakeTimers()
    let beat = () => {}
    const beating = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`retry: 0\n\n${frame(1)}`))
        beat = () => controller.enqueue(new TextEncoder().encode(": seq=1 hash=ab\n\n"))
      },
    })
    const { fetch, asked } = playFetch(
      () => ({ chunks: [] }),
      () => ({ chunks: [frame(2), end] }),
    )
    let connections = 0
    const first = async (input: RequestInfo | URL) => {
      const answered = await fetch(input)
      return answered.status === 201 || ++connections > 1
        ? answered
        : new Response(beating, { headers: { "Content-Type": "text/event-stream" } })
    }
    const reading = read(new AegisClient("http://aegis.test", "key", { fetch: first }))
    for (let beats = 0; beats < 5; beats++) {
      await vi.advanceTimersByTimeAsync(20_000)
      beat()
    }
    await vi.advanceTimersByTimeAsync(29_999)
    expect(asked).toEqual([0])
    await vi.advanceTimersByTimeAsync(2)
    expect(await reading).toEqual([1, 2])
    expect(asked).toEqual([0, 1])
  })

  it("of a caller who is busy with an event ends nothing", async () => {
    vi.useFakeTimers()
    const { fetch, asked } = playFetch(() => ({ chunks: [frame(1), frame(2), end] }))
    for await (const _item of new AegisClient("http://aegis.test", "key", { fetch }).events("s1"))
      await vi.advanceTimersByTimeAsync(120_000)
    expect(asked).toEqual([0])
  })

  it("on a real connection ends it too", async () => {
    const { client } = await streams(
      (response) => void openStream(response).write(`retry: 1\n\n${frame(1)}`),
      (response) => openStream(response).end(frame(2) + end),
    )
    expect(await read(client, { silenceMs: 50 })).toEqual([1, 2])
  })
})

describe("leaving", () => {
  it("the loop closes the connection", async () => {
    const closed = Promise.withResolvers<void>()
    const { client } = await streams((response) => {
      response.on("close", closed.resolve)
      openStream(response).write(frame(1))
    })
    for await (const _event of client.events("s1")) break
    await closed.promise
  })

  it("the loop frees a server in the same process, which sees no connection", async () => {
    const { fetch, left } = playFetch(() => ({ chunks: [frame(1)], isOpen: true }))
    for await (const _event of new AegisClient("http://aegis.test", "key", { fetch }).events("s1")) break
    expect(left).toEqual([1])
  })

  it.each(["the loop's", "the client's"])(
    "at %s signal ends the loop, and frees the server, without an error",
    async (whose) => {
      const abort = new AbortController()
      const { fetch, left } = playFetch(() => ({ chunks: [frame(1)], isOpen: true }))
      const client = new AegisClient("http://aegis.test", "key", {
        fetch,
        ...(whose === "the client's" ? { signal: abort.signal } : {}),
      })
      const events = client.events("s1", whose === "the loop's" ? { signal: abort.signal } : {})
      await events.next()
      const waiting = events.next()
      abort.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
      expect(left).toEqual([1])
    },
  )

  it("while it waits to try again ends the loop", async () => {
    const abort = new AbortController()
    const { client } = await streams((response) => openStream(response).end(`retry: 60000\n\n${frame(1)}`))
    const events = client.events("s1", { signal: abort.signal })
    await events.next()
    const waiting = events.next()
    setImmediate(() => abort.abort())
    expect(await waiting).toEqual({ done: true, value: undefined })
  })
})

function split(bytes: Uint8Array, splits: readonly number[]) {
  const edges = [0, ...splits.map((at) => Math.min(at, bytes.length)), bytes.length].toSorted((a, b) => a - b)
  return edges
    .slice(1)
    .map((edge, index) => bytes.slice(edges[index], edge))
    .filter(({ length }) => length > 0)
}
