import type { Span } from "./span.ts"

const HEX = /(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){12,}(?![0-9A-Za-z])/g
const BASE64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}/g
// eslint-disable-next-line regexp/no-super-linear-move -- It goes through what BASE64 has matched: no letters are left at its end.
const BASE64_PART = /[A-Za-z0-9]*(?:[+/_-]|=*$)/g
const SHORTEST = 16
const PERCENT =
  /(?<![A-Za-z0-9._~+/=:@!*,;%-])[A-Za-z0-9._~+/=:@!*,;-]*(?:%[0-9a-fA-F]{2}[A-Za-z0-9._~+/=:@!*,;-]{0,4096})+/g

/** What a person could read once it is decoded. */
const READABLE = /^[\t\n\r\x20-\x7e]+$/

/** The same in hex: most of it are digests, which are none from their first letters on. */
const READABLE_HEX = /^(?:0[9ad]|[2-6][0-9a-f]|7[0-9a-e])+$/i

interface Coded {
  readonly start: number
  readonly coded: string
  readonly plain: string
}

/** Texts in hex, base64 and percent signs that have a secret in them, as a whole: of half a coding nothing would be left. */
export function findCoded(text: string, find: (plain: string) => readonly Span[]): readonly Span[] {
  const matches = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(({ index, 0: coded }) => ({ start: index, coded }))
  const readable: readonly Coded[] = [
    ...matches(HEX)
      .filter(({ coded }) => READABLE_HEX.test(coded))
      .map((match) => ({ ...match, plain: fromHex(match.coded) })),
    ...matches(BASE64).flatMap(({ start, coded }) => inBase64(coded, start)),
    ...(text.includes("%") ? matches(PERCENT).map((match) => ({ ...match, plain: fromPercent(match.coded) })) : []),
  ]
  return readable.flatMap(({ start, coded, plain }) => {
    const [secret] = READABLE.test(plain) ? find(plain) : []
    return secret ? [{ start, end: start + coded.length, kind: secret.kind }] : []
  })
}

/**
 * What is readable in a run of base64's letters, which a path or a name may stand before. A byte of such a text begins with
 * a 0, so of its letters only each fourth can be one of the two that are no letters or digits: behind any other of these it
 * begins, and behind a fourth it may.
 */
function inBase64(run: string, offset: number): readonly Coded[] {
  const parts = [...run.matchAll(BASE64_PART)]
    .map(({ index, 0: coded }) => ({ start: offset + index, coded, plain: fromBase64(coded) }))
    .filter(({ plain }) => READABLE.test(plain))
  const wholes: Coded[] = []
  for (const part of parts) {
    const before = wholes.at(-1)
    const goesOn = before && before.start + before.coded.length === part.start && before.coded.length % 4 === 0
    if (goesOn) wholes.splice(-1, 1, joined(before, part))
    else wholes.push(part)
  }
  return [...new Set([...wholes, ...parts])].filter(({ coded }) => coded.length >= SHORTEST)
}

function joined(before: Coded, part: Coded): Coded {
  return { start: before.start, coded: before.coded + part.coded, plain: before.plain + part.plain }
}

function fromHex(coded: string) {
  return coded.replaceAll(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

function fromBase64(coded: string) {
  // Most of what looks so is a word or a path: its beginning tells.
  return READABLE.test(decode(coded.slice(0, SHORTEST))) ? decode(coded) : ""
}

/** Of base64url too, and without what fills it up; a letter too much at its end was cut. */
function decode(coded: string) {
  const letters = coded
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={1,2}$/, "")
  return atob(letters.length % 4 === 1 ? letters.slice(0, -1) : letters)
}

function fromPercent(coded: string) {
  return coded.replaceAll(/%(..)/g, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16)))
}
