import { expect, it } from "vitest"
import { ago, dollars, duration, headline, visible, withoutAnsi } from "../src/parts/words.ts"

it("says how long ago as short as it can", () => {
  const now = Date.parse("2026-01-02T00:00:00Z")
  const said = [0, 9, 59, 3599, 86_399].map((seconds) => ago(new Date(now - seconds * 1000).toISOString(), now))
  expect(said).toEqual(["now", "now", "59 s ago", "59 min ago", "23 h ago"])
  expect(ago(new Date(now + 5000).toISOString(), now)).toBe("now")
})

it("says durations and costs in sizes that people read", () => {
  expect([0.4, 999, 1500, 89_000, 125_000].map(duration)).toEqual(["0 ms", "999 ms", "1.5 s", "89.0 s", "2 min 5 s"])
  expect([0, 1250, 12_345, 4_560_000].map(dollars)).toEqual(["$0.00", "$0.0013", "$0.01", "$4.56"])
})

it("takes a terminal's colours away, and shows what would hide or turn text", () => {
  expect(withoutAnsi("\u001b[31mred\u001b[0m \u001b]8;;https://x\u0007link\u001b]8;;\u0007")).toBe("red link")
  expect(visible("a\u202eb\u200bc\r\td\n")).toBe("a\\u{202e}b\\u{200b}c\\u{d}\td\n")
  expect(visible("ls\u001b]0;; rm -rf x #\u0007 -l")).toBe("ls\\u{1b}]0;; rm -rf x #\\u{7} -l")
  expect(visible("👩‍💻 naïve 日本")).toBe("👩‍💻 naïve 日本")
})

it("makes a headline of whatever an agent calls its call: one line, and no longer than one", () => {
  expect(headline("Read notes\n\tAllowed\r\u202e")).toBe("Read notes Allowed\\u{d}\\u{202e}")
  expect(headline("a".repeat(200))).toBe("a".repeat(200))
  expect(headline("a".repeat(1024 * 1024))).toBe(`${"a".repeat(199)}…`)
  expect(headline(`${"a".repeat(198)}👩${"\u0007".repeat(9)}`)).toBe(`${"a".repeat(198)}\ufffd…`)
})
