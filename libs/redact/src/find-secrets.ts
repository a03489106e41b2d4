import { findCoded } from "./find-coded.ts"
import { findFlags } from "./find-flags.ts"
import { findKnown } from "./find-known.ts"
import { findNamed } from "./find-named.ts"
import { findPem } from "./find-pem.ts"
import { findRandom } from "./find-random.ts"
import { mergeSpans, type Span } from "./span.ts"

/** So many codings inside each other are looked into: a secret in base64 in an address. */
const MOST_CODINGS = 2

/** What most texts of JSON are, its names above all. */
const WORD = /^[A-Za-z_]{0,16}$/

/** The secrets of a text, in their order; never a mark. Each finder goes through the text a fixed number of times. */
export function findSecrets(text: string, codings = 0): readonly Span[] {
  if (WORD.test(text)) return []
  const { secrets, isPublic } = findPem(text)
  const coded = codings < MOST_CODINGS ? findCoded(text, (plain) => findSecrets(plain, codings + 1)) : []
  const random = findRandom(text).filter((span) => !isPublic(span))
  const found = [...secrets, ...findKnown(text), ...findNamed(text), ...findFlags(text), ...coded, ...random]
  return found.length === 0 ? [] : withoutMarks(mergeSpans(found), text)
}

/** What was hidden before is left as it is, and what reaches into a mark ends before it. */
function withoutMarks(spans: readonly Span[], text: string) {
  const marks = [...text.matchAll(/\[redacted: [a-z-]{1,40}\]/g)].map(({ index, 0: mark }) => ({
    start: index,
    end: index + mark.length,
  }))
  let next = 0
  return spans.flatMap((span) => {
    while ((marks[next]?.end ?? Number.POSITIVE_INFINITY) <= span.start) next += 1
    const parts: Span[] = []
    let from = span.start
    for (let place = next; (marks[place]?.start ?? Number.POSITIVE_INFINITY) < span.end; place += 1) {
      const { start, end } = marks[place] ?? span
      if (start > from) parts.push({ ...span, start: from, end: start })
      from = end
    }
    if (from < span.end) parts.push({ ...span, start: from })
    return parts
  })
}
