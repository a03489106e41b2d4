import fc from "fast-check"
import { expect, it } from "vitest"
import { type SseFrame, sseFrames } from "../src/sse-frames.ts"
import { envelope, frame } from "./play-server.ts"

async function framesOf(text: string, cuts: readonly number[]) {
  const bytes = new TextEncoder().encode(text)
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (left, right) => left - right,
  )
  async function* chunks() {
    for (let index = 1; index < edges.length; index++) yield bytes.slice(edges[index - 1], edges[index])
  }
  const frames: SseFrame[] = []
  for await (const one of sseFrames(chunks())) frames.push(one)
  return frames
}

it("reads the same frames however the bytes are cut, with every kind of line end", async () => {
  for (const end of ["\n", "\r\n"]) {
    const text = [
      "retry: 10",
      "",
      frame(1, end),
      ": seq=1 hash=ab",
      "",
      frame(2, end),
      "event: bye",
      'data: {"a":1}',
      "data: more",
      "",
      "",
    ].join(end)
    const whole = await framesOf(text, [])
    expect(whole).toEqual([
      { retry: 10 },
      { id: "1", event: "message.delta", data: envelope(1) },
      { comment: "seq=1 hash=ab" },
      { id: "2", event: "message.delta", data: envelope(2) },
      { event: "bye", data: '{"a":1}\nmore' },
    ])
    for (let cut = 0; cut < text.length; cut++) expect(await framesOf(text, [cut])).toEqual(whole)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 20 }), async (cuts) => {
        expect(await framesOf(text, cuts)).toEqual(whole)
      }),
    )
  }
})

it("drops what is unfinished at the end", async () => {
  expect(await framesOf(`${frame(1)}id: 2\ndata: {`, [])).toHaveLength(1)
})
