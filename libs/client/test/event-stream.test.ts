import type { ServerResponse } from "node:http"
import fc from "fast-check"
import { expect, it } from "vitest"
import { AegisClient } from "../src/index.ts"
import { answer, envelope, frame, usePlayServer } from "./play-server.ts"

const play = usePlayServer()

/** Plays streams one after the other: each gets the cursor that it was asked for. */
async function streams(...plays: ((response: ServerResponse, after: number) => unknown)[]) {
  let tokens = 0
  const asked: number[] = []
  const url = await play((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost")
    if (pathname === "/v1/auth/sse-token")
      return answer(response, 201, { token: `sse_${++tokens}`, expiresAt: "2026-01-01T00:00:00.000Z" })
    const after = Number(searchParams.get("after"))
    asked.push(after)
    return plays[asked.length - 1]?.(response, after)
  })
  return { client: new AegisClient(url, "key"), asked, tokensMade: () => tokens }
}

const open = (response: ServerResponse) => response.writeHead(200, { "Content-Type": "text/event-stream" })
const bye = (reason: string) => `event: bye\ndata: {"reason":"${reason}"}\n\n`

it("goes on after a cut with what follows, wherever the cut is, and gives each event once", async () => {
  const whole = `retry: 1\n\n${frame(1)}${frame(2)}: seq=2 hash=x\n\n${frame(3)}${bye("session-ended")}`
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: Buffer.byteLength(whole) - 1 }), fc.boolean(), async (cut, isRude) => {
      const { client } = await streams(
        (response) => {
          open(response).write(Buffer.from(`retry: 1\n\n${whole}`).subarray(0, cut + 10), () =>
            isRude ? response.destroy() : response.end(),
          )
        },
        (response, after) => {
          // A server that sends too much does no harm.
          const rest = [1, 2, 3].filter((seq) => seq > after - 1 && seq > 0).map((seq) => frame(seq))
          open(response).end(rest.join("") + bye("session-ended"))
        },
      )
      const seen: string[] = []
      for await (const item of client.rawEvents("s1")) if (item.type === "event") seen.push(item.json)
      expect(seen).toEqual([1, 2, 3].map(envelope))
    }),
    { numRuns: 40 },
  )
})

it("asks for another token when the old one has ended, or is refused", async () => {
  const { client, asked, tokensMade } = await streams(
    (response) => open(response).end(`retry: 1\n\n${frame(1)}${bye("token-expired")}`),
    (response) => answer(response, 401, { code: "credential-missing", detail: "Old." }),
    (response) => open(response).end(`${frame(2)}${bye("session-ended")}`),
  )
  const seen: number[] = []
  for await (const { seq } of client.events("s1")) seen.push(seq)
  expect(seen).toEqual([1, 2])
  expect(asked).toEqual([0, 1, 1])
  expect(tokensMade()).toBe(3)
})

it("ends with a problem when it may not read, and does not try for ever", async () => {
  const { client } = await streams((response) => answer(response, 404, { code: "session-not-found", detail: "None." }))
  await expect(client.events("nothing").next()).rejects.toMatchObject({ status: 404, code: "session-not-found" })
  const refused = await streams(
    ...Array.from(
      { length: 5 },
      () => (response: ServerResponse) => answer(response, 401, { code: "credential-missing", detail: "No." }),
    ),
  )
  await expect(refused.client.events("s1").next()).rejects.toMatchObject({ status: 401 })
})

it("tells a gap and goes on after it; begins after the cursor it was given", async () => {
  const { client, asked } = await streams((response) =>
    open(response).end(`event: gap\ndata: {"from":9,"to":4}\n\n${frame(5)}${bye("session-ended")}`),
  )
  const seen: unknown[] = []
  for await (const item of client.rawEvents("s1", { after: 9 })) seen.push(item.type === "gap" ? item : item.seq)
  expect(seen).toEqual([{ type: "gap", from: 9, to: 4 }, 5])
  expect(asked).toEqual([9])
})

it("gives up a connection that has gone silent, and goes on", async () => {
  const { client } = await streams(
    (response) => void open(response).write(`retry: 1\n\n${frame(1)}`),
    (response) => open(response).end(`${frame(2)}${bye("session-ended")}`),
  )
  const seen: number[] = []
  for await (const item of client.rawEvents("s1", { silenceMs: 50 })) if (item.type === "event") seen.push(item.seq)
  expect(seen).toEqual([1, 2])
})

it("closes its connection when the loop is left, and ends at the signal", async () => {
  let isClosed: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve
  })
  const { client } = await streams(
    (response) => {
      response.on("close", isClosed)
      open(response).write(frame(1))
    },
    (response) => void open(response).write(frame(1)),
  )
  for await (const { seq } of client.events("s1")) if (seq === 1) break
  await closed
  const abort = new AbortController()
  for await (const _event of client.events("s1", { signal: abort.signal })) abort.abort()
})
