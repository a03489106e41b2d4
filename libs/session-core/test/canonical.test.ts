import { createHash } from "node:crypto"
import { PolicySchema } from "@aegis/policy/schema"
import { expect, it } from "vitest"
import { canonical } from "../src/canonical.ts"
import { canonicalCall } from "../src/canonical-call.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

// What RFC 8785 says of each: keys by UTF-16 code units, numbers as ECMAScript prints them, and only the escapes that must be.
it.each([
  ["keys in no order", { b: 1, a: 2, "": 3, A: 4, "10": 5, "9": 6 }, '{"":3,"10":5,"9":6,"A":4,"a":2,"b":1}'],
  [
    "keys beyond the first plane, before those that are higher code points",
    { "\u{1f600}": 1, "\ufb33": 2, "\u20ac": 3, "\u00f6": 4, "\u0080": 5, "\r": 6, "1": 7 },
    '{"\\r":6,"1":7,"\u0080":5,"\u00f6":4,"\u20ac":3,"\u{1f600}":1,"\ufb33":2}',
  ],
  [
    "what is in what",
    { b: [{ d: [], c: {} }, []], a: { z: null, y: true } },
    '{"a":{"y":true,"z":null},"b":[{"c":{},"d":[]},[]]}',
  ],
  ["zeros", [0, -0, 0.0], "[0,0,0]"],
  [
    "large numbers",
    JSON.parse("[1e20,1e21,1e23,333333333.33333329,9007199254740992,1.7976931348623157e308]"),
    "[100000000000000000000,1e+21,1e+23,333333333.3333333,9007199254740992,1.7976931348623157e+308]",
  ],
  [
    "integers that are not exact",
    JSON.parse("[9007199254740993,12345678901234567890]"),
    "[9007199254740992,12345678901234567000]",
  ],
  ["small numbers", [1e-6, 1e-7, 5e-324, 4.5, 2e-3, 1e-27], "[0.000001,1e-7,5e-324,4.5,0.002,1e-27]"],
  ["escapes", '\u20ac$\u000f\nA\'B"\\\\"/\u007f\u2028', `${String.raw`"€$\u000f\nA'B\"\\\\\"/`}\u007f\u2028"`],
  ["composed and decomposed", ["\u00e9", "e\u0301"], '["\u00e9","e\u0301"]'],
  ["what has no form", { a: undefined, b: [undefined] }, '{"b":[null]}'],
  [
    "half a character, as the log has it",
    { "\ud800": ["\udc00x", "\ud83d\ude00"] },
    '{"\ufffd":["\ufffdx","\u{1f600}"]}',
  ],
  ["text that only looks like half of one", String.raw`\ud800`, String.raw`"\\ud800"`],
])("the canonical form: %s", (_what, value, text) => expect(canonical(value)).toBe(text))

it("has a form of nothing, and of what is nested deeply", () => {
  expect(canonical(undefined)).toBe("")
  expect(canonical(JSON.parse(`${"[".repeat(1000)}${"]".repeat(1000)}`))).toHaveLength(2000)
})

// Stored in logs, signed in checkpoints, remembered in sessions: another form would make other calls of them.
it("gives an approval, a remembered call and a policy the digests that they have always had", () => {
  const call = {
    toolCallId: "call-1",
    name: "Bash",
    title: "Löschen 😀",
    kind: "execute",
    input: { command: "rm -rf build", timeout: 1e21, description: "cleans", nested: { z: [-0, 1.5], a: null } },
    locations: [{ path: "/work/build", line: 3 }],
  } as const
  expect(sha256(canonical(call))).toBe("e4fc0866da09bd4ac1af874adb5045ef2ace61ee28807e9926e013ed2498fd2a")
  const files = [{ path: "build", target: "/work/build", state: "folder" }]
  expect(sha256(canonicalCall(call, files))).toBe("cdc7d053a901a634585583bc7fa17ae430e5c1eabae0d502885cbe44ce2fd1e1")
  const policy = PolicySchema.parse({
    version: 1,
    rules: [{ id: "no-rm", match: { command: "rm *", labels: { env: "prod" } }, decision: "deny", reason: "Nö." }],
    budgets: [{ scope: "session", usd: 5 }],
  })
  expect(sha256(canonical(policy))).toBe("d8394cae6a23e6ec015345cc0f611c918438cbf50209fe5a728995d51ad2e69b")
})
