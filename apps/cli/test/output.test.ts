import { expect, it } from "vitest"
import { headline } from "../src/output.ts"

it("makes a headline of whatever an agent calls its call: one line, and no longer than one", () => {
  expect(headline("Read notes\n\tAllowed\r\u202e")).toBe("Read notes Allowed\\u{d}\\u{202e}")
  expect(headline("a".repeat(200))).toBe("a".repeat(200))
  expect(headline("a".repeat(1024 * 1024))).toBe(`${"a".repeat(199)}…`)
})
