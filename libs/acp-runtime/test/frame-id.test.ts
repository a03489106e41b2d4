import fc from "fast-check"
import { expect, test } from "vitest"
import {
  cancelId,
  initializeId,
  modeId,
  openId,
  optionId,
  parseFrameId,
  promptId,
  refusalId,
  replyId,
} from "../src/index.ts"

test("every id that is made is read back", () => {
  const owner = fc.stringMatching(/^[\w-]+$/)
  const raw = fc.oneof(fc.string({ unit: "binary" }), fc.maxSafeInteger())
  fc.assert(
    fc.property(owner, raw, fc.nat(), (id, requestId, n) => {
      expect(parseFrameId(initializeId(id))).toEqual({ type: "initialize", runId: id })
      expect(parseFrameId(openId(id))).toEqual({ type: "open", runId: id })
      expect(parseFrameId(modeId(id, n))).toEqual({ type: "mode", runId: id, n })
      expect(parseFrameId(optionId(id, n))).toEqual({ type: "option", runId: id, n })
      expect(parseFrameId(promptId(id))).toEqual({ type: "prompt", turnId: id })
      expect(parseFrameId(cancelId(id))).toEqual({ type: "cancel", turnId: id })
      expect(parseFrameId(replyId(id, requestId))).toEqual({ type: "reply", runId: id, requestId })
      expect(parseFrameId(refusalId(id, requestId))).toEqual({ type: "refusal", runId: id, requestId })
    }),
  )
})

test('the raw ids 1 and "1" are two', () => {
  expect(replyId("r", 1)).not.toBe(replyId("r", "1"))
})

test.each([
  "",
  "prompt:",
  "prompt",
  "prompt:a:b",
  "mode:r",
  "mode:r:x",
  "mode:r:01",
  "reply:r:{}",
  "reply:r:x",
  "other:r",
  "open:r:1",
])("%j is no id of ours", (id) => {
  expect(parseFrameId(id)).toBeUndefined()
})
