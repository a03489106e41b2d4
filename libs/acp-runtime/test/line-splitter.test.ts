import fc from "fast-check"
import { expect, test } from "vitest"
import type { AgentFrame } from "../src/index.ts"
import { LineSplitter } from "../src/line-splitter.ts"

const TRANSCRIPT = Buffer.from('{"a":"é"}\r\n\n{"b":"日本語 🚀"}\nnoise\0\n\r\n{"c":1}\n{"unfinished')

test("lines lose their ends, empty lines are no frames, and offsets are those of the bytes", () => {
  const splitter = new LineSplitter()

  expect(splitter.push(TRANSCRIPT)).toEqual([
    { text: '{"a":"é"}', end: 12 },
    { text: '{"b":"日本語 🚀"}', end: 36 },
    { text: "noise\0", end: 43 },
    { text: '{"c":1}', end: 53 },
  ])
  expect(splitter.pending).toBe(12)
})

test("every split of a transcript gives the same frames", () => {
  const whole = new LineSplitter().push(TRANSCRIPT)
  for (let at = 0; at <= TRANSCRIPT.length; at++) {
    expect(split(TRANSCRIPT, [at])).toEqual(whole)
  }
})

test("any number of splits of any bytes gives the same frames", () => {
  const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(10, 13, 0xc3, 0xa9))
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 300 }), fc.array(fc.nat(300)), (numbers, cuts) => {
      const bytes = Buffer.from(numbers)
      expect(split(bytes, cuts)).toEqual(new LineSplitter().push(bytes))
    }),
  )
})

function split(bytes: Buffer, cuts: readonly number[]) {
  const splitter = new LineSplitter()
  const frames: AgentFrame[] = []
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    frames.push(...splitter.push(bytes.subarray(from, cut)))
    from = Math.max(from, Math.min(cut, bytes.length))
  }
  frames.push(...splitter.push(bytes.subarray(from)))
  return frames
}
