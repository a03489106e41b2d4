import fc from "fast-check"
import { expect, it } from "vitest"
import { redactPieces, redactText } from "../src/index.ts"
import { known } from "./secrets.ts"

it.each(known)("hides %s in each piece of it, however it was cut", (kind, secret) => {
  const text = `say ${secret} now`
  for (let size = 1; size < text.length; size += 3) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []
    const redacted = redactPieces(pieces)
    expect(redacted).toHaveLength(pieces.length)
    expect(redacted.join("")).toBe(`say [redacted: ${kind}] now`)
  }
})

it("keeps the pieces that have nothing of a secret as they are", () => {
  const [, secret] = known[0] ?? ["", ""]
  const pieces = ["one ", "", secret.slice(0, 9), secret.slice(9, 20), `${secret.slice(20)} two`, " three"]
  expect(redactPieces(pieces)).toEqual(["one ", "", "[redacted: aegis-key]", "", " two", " three"])
})

it("is the joined text's redaction, for any pieces", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      "token=",
      "pass",
      "word: ",
      "abc123",
      "\n",
      "Bea",
      "rer ",
      '"',
      "ghp_",
      "0123456789abcdefghijABCDEF",
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const redacted = redactPieces(pieces)
      expect(redacted.join("")).toBe(redactText(pieces.join("")))
      expect(redacted).toHaveLength(pieces.length)
      expect(redactPieces(redacted)).toEqual(redacted)
    }),
    { numRuns: 2000 },
  )
})
