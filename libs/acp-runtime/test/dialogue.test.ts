import fc from "fast-check"
import { expect, test } from "vitest"
import {
  advance,
  answered,
  cancelFrame,
  promptFrame,
  type ReadyFact,
  readMessage,
  resumeDialogue,
  setModeFrame,
  setOptionFrame,
} from "../src/index.ts"
import { OPENED, readyTalk, SESSION, Talk } from "./fixtures/talk.ts"

const permission = {
  method: "session/request_permission",
  params: {
    sessionId: SESSION,
    toolCall: { toolCallId: "t", title: "Write a", kind: "edit", rawInput: { path: "/a" } },
    options: [{ optionId: "o", name: "Allow", kind: "allow_once" }],
  },
}
const form = {
  method: "elicitation/create",
  params: {
    mode: "form",
    sessionId: SESSION,
    toolCallId: "t",
    message: "Which?",
    requestedSchema: { type: "object", properties: {} },
  },
}

test("frames of a turn carry the ids of the turn", () => {
  const { dialogue } = readyTalk()
  const prompt = promptFrame(dialogue, { turnId: "t1", content: [{ type: "text", text: "Go" }] })
  const cancel = cancelFrame(dialogue, { turnId: "t1" })

  expect(prompt.id).toBe("prompt:t1")
  expect(JSON.parse(prompt.line)).toEqual({
    jsonrpc: "2.0",
    id: "prompt:t1",
    method: "session/prompt",
    params: { sessionId: SESSION, prompt: [{ type: "text", text: "Go" }] },
  })
  expect(cancel.id).toBe("cancel:t1")
  expect(JSON.parse(cancel.line)).toEqual({ jsonrpc: "2.0", method: "session/cancel", params: { sessionId: SESSION } })
})

test("nothing can be asked before the session is ready", () => {
  expect(() => promptFrame(new Talk().dialogue, { turnId: "t", content: [] })).toThrow("not ready")
})

test("the answer to a prompt ends its turn, with its usage", () => {
  const usage = { totalTokens: 3, inputTokens: 1, outputTokens: 2, thoughtTokens: null }
  const talk = readyTalk().answer("prompt:t1", { stopReason: "end_turn", usage })

  expect(talk.step.facts).toEqual([
    {
      type: "turn.ended",
      turnId: "t1",
      stopReason: "end_turn",
      usage: { totalTokens: 3, inputTokens: 1, outputTokens: 2 },
    },
  ])
})

test("an error to a prompt fails its turn, with the agent's kind of error", () => {
  const talk = readyTalk().refuse("prompt:t1", -32603, "Too much", { errorKind: "rate_limit" })

  expect(talk.step.facts).toEqual([
    {
      type: "turn.failed",
      turnId: "t1",
      code: -32603,
      message: "Too much",
      kind: "rate_limit",
      data: { errorKind: "rate_limit" },
    },
  ])
})

test("an answer to a prompt that does not fit the protocol fails the turn and is kept", () => {
  const talk = readyTalk().answer("prompt:t1", { stopReason: 5 })

  expect(talk.step.facts).toMatchObject([{ type: "unknown" }, { type: "turn.failed", turnId: "t1", code: -32603 }])
})

test("a second answer, and an answer to nothing, have no effect", () => {
  const talk = readyTalk().answer("prompt:t1", { stopReason: "end_turn" })

  expect(talk.answer("prompt:t1", { stopReason: "refusal" }).step.facts).toMatchObject([
    { type: "unknown", reason: "a second answer" },
  ])
  expect(talk.answer("open:run", OPENED).step.facts).toMatchObject([{ type: "unknown", reason: "a second answer" }])
  for (const id of ["mode:run:0", "mode:other:1", "mystery", "cancel:t1", "reply:run:1"]) {
    expect(talk.answer(id, {}).step.facts).toMatchObject([
      { type: "unknown", reason: "an answer to nothing that was asked" },
    ])
  }
})

test("an answer to a prompt during the handshake has no effect", () => {
  const talk = new Talk().answer("prompt:t1", { stopReason: "end_turn" })

  expect(talk.step.facts).toMatchObject([{ type: "unknown" }])
  expect(talk.dialogue.step).toBe("initialize")
})

test("a change of mode or option after the handshake is answered by a reply", () => {
  const talk = readyTalk()
  const mode = setModeFrame(talk.dialogue, { n: 1, modeId: "auto" })
  const option = setOptionFrame(talk.dialogue, { n: 1, configId: "fast", value: true })

  expect(JSON.parse(mode.line)).toMatchObject({
    id: "mode:run:1",
    method: "session/set_mode",
    params: { modeId: "auto" },
  })
  expect(JSON.parse(option.line)).toMatchObject({
    id: "option:run:1",
    params: { configId: "fast", type: "boolean", value: true },
  })
  expect(talk.refuse("mode:run:1", -32602, "No").step.facts).toEqual([
    { type: "reply", id: "mode:run:1", ok: false, error: { code: -32602, message: "No" } },
  ])
  expect(talk.answer("option:run:1", { configOptions: [] }).step.facts).toEqual([
    { type: "reply", id: "option:run:1", ok: true },
    { type: "options", options: [] },
  ])
})

test.each([7, "7", 0])("a permission request with the raw id %j becomes open under exactly it", (id) => {
  const talk = readyTalk().say({ id, ...permission })

  expect(talk.step.facts).toEqual([
    {
      type: "permission",
      requestId: id,
      toolCall: { toolCallId: "t", title: "Write a", kind: "edit", input: { path: "/a" } },
      options: permission.params.options,
    },
  ])
  expect(talk.dialogue.openRequests).toEqual([{ id, type: "permission" }])
  expect(answered(talk.dialogue, id).openRequests).toEqual([])
})

test("a form becomes a question", () => {
  const talk = readyTalk().say({ id: 3, ...form })

  expect(talk.step.facts).toEqual([
    { type: "question", requestId: 3, message: "Which?", schema: { type: "object", properties: {} }, toolCallId: "t" },
  ])
})

test("a second request under an open id is refused by a frame of its own", () => {
  const talk = readyTalk()
    .say({ id: 7, ...permission })
    .say({ id: 7, ...form })

  expect(talk.step.facts).toMatchObject([{ type: "unknown" }])
  expect(talk.step.frames.map(({ id }) => id)).toEqual(["refusal:run:7"])
  expect(talk.sent).toMatchObject([{ id: 7, error: { code: -32600 } }])
  expect(talk.dialogue.openRequests).toEqual([{ id: 7, type: "permission" }])
})

test.each([
  ["a file", { method: "fs/read_text_file", params: { sessionId: SESSION, path: "/etc/passwd" } }, -32601],
  ["a terminal", { method: "terminal/create", params: {} }, -32601],
  ["an MCP message", { method: "mcp/message", params: {} }, -32601],
  ["a method of ours", { method: "session/prompt", params: {} }, -32601],
  ["a permission of another session", { ...permission, params: { ...permission.params, sessionId: "other" } }, -32602],
  ["a permission without options", { ...permission, params: { ...permission.params, options: undefined } }, -32602],
  [
    "a link to open",
    { ...form, params: { ...form.params, mode: "url", url: "https://example.com", elicitationId: "e" } },
    -32602,
  ],
  ["a question of another session", { ...form, params: { ...form.params, sessionId: "other" } }, -32602],
])("a request for %s is refused and kept", (_name, request, code) => {
  const talk = readyTalk().say({ id: "q", ...request })

  expect(talk.step.facts).toMatchObject([{ type: "unknown", frame: expect.stringContaining(request.method) }])
  expect(talk.step.frames.map(({ id }) => id)).toEqual(['reply:run:"q"'])
  expect(talk.sent).toMatchObject([{ id: "q", error: { code } }])
  expect(talk.dialogue.openRequests).toEqual([])
})

test("a permission before the session is open is refused", () => {
  expect(new Talk().say({ id: 1, ...permission }).sent).toMatchObject([{ id: 1, error: { code: -32602 } }])
})

test("a request that the agent withdraws is told cancelled, under the frame id of its reply", () => {
  const talk = readyTalk()
    .say({ id: 7, ...permission })
    .say({ id: "8", ...form })

  talk.say({ method: "$/cancel_request", params: { requestId: 7 } })
  expect(talk.step.facts).toEqual([{ type: "withdrawn", requestId: 7 }])
  expect(talk.sent).toEqual([{ jsonrpc: "2.0", id: 7, result: { outcome: { outcome: "cancelled" } } }])
  expect(talk.step.frames[0]?.id).toBe("reply:run:7")
  talk.say({ method: "$/cancel_request", params: { requestId: "8" } })
  expect(talk.sent).toEqual([{ jsonrpc: "2.0", id: "8", result: { action: "cancel" } }])
  talk.say({ method: "$/cancel_request", params: { requestId: 7 } })
  expect(talk.step.facts).toMatchObject([{ type: "unknown" }])
})

test("an update of another session, noise and unknown notifications are kept word for word", () => {
  const talk = readyTalk()
  const chunk = { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "x" } }

  expect(talk.update(chunk, "other").step.facts).toMatchObject([
    { type: "unknown", reason: "an update of another session" },
  ])
  expect(talk.hear("Loading...").step.facts).toEqual([{ type: "unknown", frame: "Loading...", reason: "not JSON" }])
  expect(talk.say({ method: "auth/status_update", params: {} }).step.facts).toMatchObject([{ type: "unknown" }])
  expect(talk.say({ method: "session/update", params: 7 }).step.facts).toMatchObject([{ type: "unknown" }])
})

test("of the Claude adapter's raw messages only a retry is a fact", () => {
  const retry = {
    type: "system",
    subtype: "api_retry",
    attempt: 3,
    max_retries: 10,
    retry_delay_ms: 800,
    error_status: 529,
    error: "x",
  }
  const talk = readyTalk()

  expect(talk.say({ method: "_claude/sdkMessage", params: { message: retry } }).step.facts).toEqual([
    { type: "retry", attempt: 3, maxRetries: 10, retryDelayMs: 800, status: 529, error: "x" },
  ])
  for (const message of [{ type: "assistant" }, { type: "system", subtype: "init" }, null]) {
    expect(talk.say({ method: "_claude/sdkMessage", params: { message } }).step.facts).toEqual([])
  }
})

test("a dialogue is a plain object: stored and read back it goes on", () => {
  const { dialogue } = readyTalk().say({ id: 7, ...permission })

  expect(JSON.parse(JSON.stringify(dialogue))).toEqual(dialogue)
})

test("a dialogue that is resumed from its ready fact takes late answers and withdrawals", () => {
  const first = readyTalk()
  const ready = first.step.facts.find((fact): fact is ReadyFact => fact.type === "ready") ?? expect.fail()
  const dialogue = resumeDialogue(first.dialogue.options, ready, { openRequests: [{ id: 7, type: "permission" }] })
  const ended = advance(dialogue, readMessage('{"jsonrpc":"2.0","id":"prompt:t9","result":{"stopReason":"cancelled"}}'))
  const withdrawn = advance(
    dialogue,
    readMessage('{"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":7}}'),
  )

  expect({ ...dialogue, openRequests: [], settled: [] }).toEqual({ ...first.dialogue, settled: [] })
  expect(ended.facts).toEqual([{ type: "turn.ended", turnId: "t9", stopReason: "cancelled" }])
  expect(withdrawn.facts).toEqual([{ type: "withdrawn", requestId: 7 }])
})

test("no mutation of a transcript makes it throw, or send what is no JSON", () => {
  const transcript = [
    { id: "initialize:run", result: { protocolVersion: 1, agentCapabilities: {} } },
    { id: "open:run", result: OPENED },
    {
      method: "session/update",
      params: { sessionId: SESSION, update: { sessionUpdate: "tool_call", toolCallId: "t", title: "T" } },
    },
    { id: 1, ...permission },
    { id: 2, ...form },
    { method: "$/cancel_request", params: { requestId: 1 } },
    { id: "prompt:t1", result: { stopReason: "end_turn" } },
  ].map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }))
  const change = fc.record({
    line: fc.nat(6),
    at: fc.nat(400),
    cut: fc.nat(12),
    put: fc.oneof(fc.string(), fc.json({ maxDepth: 1 })),
  })
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 3 })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), order, (changes, lines) => {
      const changed = [...transcript]
      for (const { line, at, cut, put } of changes) {
        const text = changed[line] ?? ""
        changed[line] = text.slice(0, at) + put + text.slice(at + cut)
      }
      const talk = new Talk()
      for (const line of changes.length > 0 ? [0, 1, ...lines] : lines) {
        talk.hear(changed[line] ?? "")
        for (const { line: sent } of talk.step.frames) expect(() => JSON.parse(sent)).not.toThrow()
        JSON.stringify(talk.step)
      }
    }),
    { numRuns: 2000 },
  )
})
