import { openMemoryLog } from "@aegis/event-log"
import fc from "fast-check"
import { expect, it } from "vitest"
import type { SessionEvent } from "../src/events.ts"
import { readTranscriptPage, readWholeTranscript } from "../src/read-transcript.ts"
import { type TranscriptMessage, toMessages } from "../src/transcript.ts"

const event = (type: string, data: unknown) =>
  ({
    sessionId: "s",
    type,
    at: "2026-01-01T00:00:00.000Z",
    actor: { kind: "agent", id: "demo", via: "acp" },
    status: "working",
    data,
  }) as SessionEvent

const anyEvent = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom("message.delta", "thinking.delta"),
        fc.constantFrom("m1", "m2"),
        fc.string({ maxLength: 3 }),
      )
      .map(([type, messageId, text]) => event(type, { messageId, text })),
  },
  fc.constant(event("message.user", { messageId: "u", content: [{ type: "text", text: "hi" }] })),
  fc.constant(event("usage.updated", { used: 1, size: 2 })),
  fc.constant(event("tool.started", { toolCallId: "t", name: "Write", title: "Write a file" })),
  fc.constant(event("tool.ended", { toolCallId: "t", name: "Write", status: "failed", output: "no" })),
  fc.constant(event("message.notice", { kind: "informational", text: "note" })),
)

async function logOf(events: readonly SessionEvent[]) {
  const log = openMemoryLog<SessionEvent>()
  for (let index = 0; index < events.length; index += 400)
    await log.append({ events: events.slice(index, index + 400).map((one) => ({ stream: "s", event: one })) })
  return log
}

async function walk(log: Awaited<ReturnType<typeof logOf>>, limit: number, role?: TranscriptMessage["role"]) {
  const found: TranscriptMessage[] = []
  let beforeId: number | undefined
  for (;;) {
    const { messages, hasMore } = await readTranscriptPage(log, "s", {
      limit,
      ...(beforeId === undefined ? {} : { beforeId }),
      ...(role ? { role } : {}),
    })
    found.unshift(...messages)
    if (!hasMore) return found
    beforeId = messages[0]?.id
  }
}

it("pages by cursor give every message once and whole, whatever their size and whatever was said", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), async (events, limit) => {
      const log = await logOf(events)
      const all = toMessages((await log.read({ limit: 1000 })).map((entry) => entry.event))
      expect(await walk(log, limit)).toEqual(all)
      expect(await walk(log, limit, "assistant")).toEqual(all.filter(({ role }) => role === "assistant"))
      expect(await readWholeTranscript(log, "s", { offset: 1, limit })).toEqual({
        messages: all.slice(1, 1 + limit),
        total: all.length,
      })
    }),
  )
})

it("messages longer than a page of events are whole, from any cursor inside them", async () => {
  const events = [
    event("message.user", { messageId: "u", content: [] }),
    ...Array.from({ length: 1700 }, (_, n) => event("message.delta", { messageId: "m1", text: `${n} ` })),
    event("message.delta", { messageId: "m2", text: "next" }),
  ]
  const log = await logOf(events)
  const [, long] = await walk(log, 1)
  expect(long?.text.split(" ")).toHaveLength(1701)
  const { messages } = await readTranscriptPage(log, "s", { beforeId: 1500, limit: 1 })
  expect(messages[0]).toEqual(long)
  const early = await readTranscriptPage(log, "s", { beforeId: 4, limit: 1 })
  expect(early.messages[0]).toEqual(long)
})

it("a page stays the same while others append", async () => {
  const log = await logOf([
    event("message.user", { messageId: "u", content: [] }),
    event("message.delta", { messageId: "m1", text: "a" }),
    event("tool.started", { toolCallId: "t", name: "Read" }),
  ])
  const before = await readTranscriptPage(log, "s", { beforeId: 3, limit: 10 })
  await log.append({ events: [{ stream: "s", event: event("message.delta", { messageId: "m1", text: "b" }) }] })
  expect(await readTranscriptPage(log, "s", { beforeId: 3, limit: 10 })).toEqual(before)
  expect((await readTranscriptPage(log, "s", { limit: 10 })).messages.map(({ text }) => text)).toEqual([
    "",
    "a",
    "Read",
    "b",
  ])
})

it("an approval, a failed tool and a picture are told in words", () => {
  const tool = { toolCallId: "t", name: "Write", title: "Write a.txt" }
  const events = [
    event("approval.requested", { tool }),
    event("tool.ended", {
      ...tool,
      status: "failed",
      content: [{ type: "content", content: { type: "text", text: "refused" } }],
    }),
    event("message.user", { content: [{ type: "text", text: "see" }, { type: "image" }] }),
  ].map((one, index) => ({ ...one, seq: index + 1 }))
  expect(toMessages(events).map(({ contentType, text }) => `${contentType}: ${text}`)).toEqual([
    "permission_request: Write a.txt",
    "tool_error: refused",
    "text: see\n[image]",
  ])
})
