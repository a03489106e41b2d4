import type { Span } from "./span.ts"

const HEX = /(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){12,}(?![0-9A-Za-z])/g
const BASE64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}/g
const PERCENT =
  /(?<![A-Za-z0-9._~+/=:@!*,;%-])[A-Za-z0-9._~+/=:@!*,;-]*(?:%[0-9a-fA-F]{2}[A-Za-z0-9._~+/=:@!*,;-]{0,4096})+/g

/** What a person could read once it is decoded. */
const READABLE = /^[\t\n\r\x20-\x7e]+$/

/** Texts in hex, base64 and percent signs that have a secret in them, as a whole: of half a coding nothing would be left. */
export function findCoded(text: string, find: (plain: string) => readonly Span[]): readonly Span[] {
  const inside = (pattern: RegExp, decode: (coded: string) => string) =>
    [...text.matchAll(pattern)].flatMap(({ index, 0: coded }) => {
      const plain = decode(coded)
      const [secret] = READABLE.test(plain) ? find(plain) : []
      return secret ? [{ start: index, end: index + coded.length, kind: secret.kind }] : []
    })
  return [
    ...inside(HEX, fromHex),
    ...inside(BASE64, fromBase64),
    ...(text.includes("%") ? inside(PERCENT, fromPercent) : []),
  ]
}

function fromHex(coded: string) {
  return coded.replaceAll(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

function fromBase64(coded: string) {
  // Most of what looks so is a word or a path: its beginning tells.
  if (!READABLE.test(atob(toLetters(coded.slice(0, 16))))) return ""
  const letters = toLetters(coded)
  // What is too much at its end was cut.
  return atob(letters.length % 4 === 1 ? letters.slice(0, -1) : letters)
}

/** Of base64url, and without what fills it up. */
function toLetters(coded: string) {
  return coded.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")
}

function fromPercent(coded: string) {
  return coded.replaceAll(/%(..)/g, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16)))
}
