import fc from "fast-check"
import { expect, test } from "vitest"
import { readMessage } from "../src/index.ts"

const request = { jsonrpc: "2.0", id: 1, method: "session/update", params: {} }

test("the four kinds of messages are told apart", () => {
  expect(readMessage('{"jsonrpc":"2.0","id":"prompt:t","result":null}')).toMatchObject({
    type: "response",
    id: "prompt:t",
    result: null,
  })
  const failure = { code: -32000, message: "Log in", data: { a: 1 } }
  expect(read({ jsonrpc: "2.0", id: "open:r", error: failure })).toMatchObject({ type: "failure", error: failure })
  expect(read({ ...request, id: "seven" })).toMatchObject({ type: "request", id: "seven", method: "session/update" })
  expect(read({ jsonrpc: "2.0", method: "x" })).toMatchObject({ type: "notification", method: "x", params: undefined })
})

test("an error beside an empty result is an error", () => {
  expect(read({ jsonrpc: "2.0", id: "a", result: null, error: { code: 1, message: "m" } })).toMatchObject({
    type: "failure",
  })
})

test("a byte order mark before the message is taken off", () => {
  expect(readMessage(`\uFEFF${JSON.stringify(request)}`)).toMatchObject({
    type: "request",
    text: JSON.stringify(request),
  })
})

test.each([
  ["free text", "Loading model...", "not JSON"],
  ["a NUL", "\0", "not JSON"],
  ["a batch", JSON.stringify([request]), "a batch"],
  ["a number", "7", "not an object"],
  ["null", "null", "not an object"],
  ["no version", JSON.stringify({ id: 1, method: "x" }), "not JSON-RPC 2.0"],
  ["another version", JSON.stringify({ ...request, jsonrpc: "1.0" }), "not JSON-RPC 2.0"],
  ["a method that is a number", JSON.stringify({ ...request, method: 1 }), "a method that is not text"],
  ["an id of null", JSON.stringify({ ...request, id: null }), "cannot be echoed"],
  ["an id that was rounded", '{"jsonrpc":"2.0","id":9007199254740993,"method":"x"}', "cannot be echoed"],
  ["a huge id", JSON.stringify({ ...request, id: "x".repeat(600) }), "cannot be echoed"],
  ["an answer to a number", JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} }), "not ours"],
  ["an answer with nothing", JSON.stringify({ jsonrpc: "2.0", id: "a" }), "without result and error"],
  [
    "an answer with both",
    JSON.stringify({ jsonrpc: "2.0", id: "a", result: {}, error: { code: 1, message: "" } }),
    "both",
  ],
  ["an error that is text", JSON.stringify({ jsonrpc: "2.0", id: "a", error: "no" }), "without code and message"],
  ["deep nesting", `{"jsonrpc":"2.0","method":"x","params":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "deep"],
])("%s is noise that says why", (_name, text, reason) => {
  const message = readMessage(text)

  expect(message).toMatchObject({ type: "noise", text })
  expect(message.type === "noise" && message.reason).toContain(reason)
})

test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), bytes), (text) => {
      expect(readMessage(text).type).toBeTypeOf("string")
    }),
    { numRuns: 2000 },
  )
})

test("no message-like value makes it throw", () => {
  const message = fc.record({ jsonrpc: fc.constant("2.0"), ...loose }, { requiredKeys: ["jsonrpc"] })
  fc.assert(
    fc.property(message, (value) => {
      expect(read(value).type).toBeTypeOf("string")
    }),
    { numRuns: 2000 },
  )
})

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("utf8"))
const loose = {
  id: fc.jsonValue(),
  method: fc.jsonValue(),
  params: fc.jsonValue(),
  result: fc.jsonValue(),
  error: fc.jsonValue(),
}

function read(value: unknown) {
  return readMessage(JSON.stringify(value))
}
