import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { JsonMeter } from "../src/json-meter.ts"

/** As the meter counts: what is opened, and what comes behind a comma or a colon. */
function measure(value: unknown): { readonly values: number; readonly depth: number } {
  if (typeof value !== "object" || value === null) return { values: 0, depth: 0 }
  const members = Object.values(value).map(measure)
  const signs = Array.isArray(value) ? members.length : 2 * members.length
  return {
    values: 1 + Math.max(0, signs - 1) + members.reduce((sum, { values }) => sum + values, 0),
    depth: 1 + Math.max(0, ...members.map(({ depth }) => depth)),
  }
}

function judge(
  bytes: Uint8Array,
  cuts: readonly number[],
  limits: { readonly values?: number; readonly depth?: number },
) {
  const meter = new JsonMeter(limits)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  for (const [index, place] of places.entries()) meter.add(bytes.subarray(place, places[index + 1]))
  return meter.problem
}

// Signs in texts, quoted and escaped, are no signs.
const texts = fc.oneof(fc.string(), fc.constantFrom('"', "\\", '\\"', "[,]", '{"a":1}', "\\\\", "ü,\u{1f600}"))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    texts,
    fc.integer(),
    fc.constantFrom(null, true),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(texts, tie("value"), { maxKeys: 5 }),
  ),
})).value

describe("a text of JSON", () => {
  it("is measured as the value that it is of, wherever it was cut", () => {
    fc.assert(
      fc.property(json, fc.array(fc.nat(), { maxLength: 5 }), fc.constantFrom(0, 2), (value, cuts, indent) => {
        const bytes = Buffer.from(JSON.stringify(value, undefined, indent))
        const { values, depth } = measure(value)
        expect(judge(bytes, cuts, { values, depth })).toBeUndefined()
        if (values > 0) expect(judge(bytes, cuts, { values: values - 1 })).toContain("values in it")
        if (depth > 0) expect(judge(bytes, cuts, { depth: depth - 1 })).toContain("inside each other")
      }),
      { numRuns: 500 },
    )
  })

  it("has at most 100,000 values, and 500 inside each other", () => {
    const list = (length: number) => Buffer.from(`[${"0,".repeat(length - 1)}0]`)
    expect(judge(list(100_000), [], {})).toBeUndefined()
    expect(judge(list(100_001), [], {})).toBe("There are more than 100,000 values in it: send less at once.")
    const deep = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth))
    expect(judge(deep(500), [], {})).toBeUndefined()
    expect(judge(deep(501), [], {})).toBe("There are more than 500 values inside each other in it: send it less deep.")
  })
})
