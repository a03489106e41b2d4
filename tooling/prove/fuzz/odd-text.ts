import fc from "fast-check"

/** Texts that programs have fallen over: of our own collection. */
export const oddTexts: readonly string[] = [
  "\0",
  "a\0b",
  "\u0007\u001b[2J\u001b]0;title\u0007",
  "\u001b]52;c;ZWNobyBoaQ==\u0007",
  "\u202e\u2066txt.exe\u2069",
  "\u{e0041}\u{e0042}\u{e007f}",
  "\ufeffx",
  "\ud800",
  "\udfff\ud800",
  "e\u0301\u0301\u0301",
  "İı ſ ẞ ﬀ",
  "👩‍👩‍👧‍👦🏳️‍🌈",
  "\r\nSet-Cookie: x=1\r\n\r\n",
  "a\u2028b\u2029c",
  "../../../../etc/passwd",
  "..\\..\\windows\\win.ini",
  "/proc/self/environ",
  "~root",
  "-rf",
  "--help",
  "$(id)`id`;id|id&id",
  "' OR '1'='1",
  '";--',
  "%s%n%x%d",
  "{{7*7}}<%= 7*7 %>#{7*7}",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "NaN",
  "true",
  "-0",
  "0x10",
  "1e400",
  "9007199254740993",
  "99999999999999999999999999",
  "[object Object]",
  "=cmd|' /C calc'!A0",
  "<script>alert(1)</script>",
  "javascript:alert(1)",
  "data:text/html,x",
  " ",
  "",
  "\t\n ",
]

/** Texts of every kind, as long as they may be. */
export function textArbitrary({ minLength = 0, maxLength = 300 }: LengthOptions = {}): fc.Arbitrary<string> {
  const size = { minLength, maxLength: Math.min(maxLength, Math.max(60, minLength)) }
  const odd = oddTexts.filter(({ length }) => length >= minLength && length <= maxLength)
  return fc.oneof(
    { weight: 4, arbitrary: fc.string(size) },
    { weight: 3, arbitrary: anyText(size) },
    { weight: 3, arbitrary: odd.length === 0 ? fc.string(size) : fc.constantFrom(...odd) },
    // To the letter as long as is allowed.
    { weight: maxLength > 1000 ? 0 : 1, arbitrary: fc.constant("x".repeat(maxLength)) },
  )
}

interface LengthOptions {
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
}

/** Of all of Unicode. Not the library's own: for each of these it writes down a million characters first. */
export function anyText(length: { readonly minLength?: number; readonly maxLength: number }): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  return fc
    .array(unit, { ...length, maxLength: length.maxLength })
    .map((codes) => String.fromCodePoint(...codes).slice(0, Math.max(length.minLength ?? 0, length.maxLength)))
}
