import type { Span } from "./span.ts"

/** What is longer is content in a coding (a picture, a certificate), and no credential. */
const LONGEST = 400
const SHORTEST = 20
/** From so many characters on chance alone makes fewer words. */
const LONG = 32

const RUN = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}/g
/** Digests, public keys, pictures and ids of other programs say what they are. */
const NAMED = /^(?:sha\d{1,3}-|AAAA|(?:toolu|msg|call|req|resp|chatcmpl|thread|run|item|file|sess|session)[_-])/
const NAMED_BEFORE = /(?:SHA256:|\bh1:|base64,)$/

/** Texts that nobody would write and no word is in: 20 characters or more, of small and capital letters and digits. */
export function findRandom(text: string): readonly Span[] {
  return [...text.matchAll(RUN)].flatMap(({ index, 0: run }) => {
    if (run.length > LONGEST || NAMED.test(run)) return []
    if (NAMED_BEFORE.test(text.slice(Math.max(0, index - 8), index))) return []
    const isPath = /^\/|(?:^|\/)[a-z][a-z0-9-]*\//.test(run)
    if (!isPath && isRandom(run)) return [{ start: index, end: index + run.length, kind: "random" }]
    return partsOf(run, /\//g, index) ?? partsOf(run, /[/_+-]/g, index) ?? []
  })
}

/** The random parts of a path, or of words with something between them. */
function partsOf(run: string, separators: RegExp, index: number): readonly Span[] | undefined {
  const found: Span[] = []
  let start = 0
  for (const part of run.split(separators)) {
    if (isRandom(part) && !NAMED.test(part))
      found.push({ start: index + start, end: index + start + part.length, kind: "random" })
    start += part.length + 1
  }
  return found.length > 0 ? found : undefined
}

function isRandom(run: string) {
  // Most words are none at a glance.
  if (run.length < SHORTEST || !/[A-Z]/.test(run) || !/[a-z]/.test(run)) return false
  const letters = run.replaceAll(/[+/=_-]/g, "")
  if (letters.length < SHORTEST || /^(?:0x)?[0-9a-fA-F]*$/.test(letters)) return false
  if ((letters.match(/\d/g)?.length ?? 0) < 2) return false
  if (new Set(letters).size < 10) return false
  const words = run.match(/[A-Z]?[a-z]{2,}|[A-Z]{4,}/g) ?? []
  const share = words.reduce((sum, word) => sum + word.length, 0) / letters.length
  return share <= (letters.length < LONG ? 0.47 : 0.65)
}
