import type { Span } from "./span.ts"

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,60})-----/g
const END = "-----END "
const LONGEST = 16_384
/** What a key is made of, also where its line feeds were escaped. */
const BODY = /(?:(?:\s|\\[nrt]){0,8}[A-Za-z0-9+/=]{16,}){1,1000}/y

/** Blocks of PEM (RFC 7468): the private ones, and whether something is inside one that may be seen. */
export function findPem(text: string) {
  const blocks = [...blocksOf(text)]
  const open = blocks.filter(({ kind }) => kind === "public")
  let next = 0
  return {
    secrets: blocks.filter(({ kind }) => kind !== "public"),
    /** To be asked in the order of the text. */
    isPublic: ({ start, end }: Span) => {
      while ((open[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1
      return (open[next]?.start ?? Number.POSITIVE_INFINITY) <= start && end <= (open[next]?.end ?? 0)
    },
  }
}

function* blocksOf(text: string): Generator<Span> {
  let behind = 0
  let ending = -1
  for (const { index, 1: label = "", 0: line } of text.matchAll(BEGIN)) {
    if (index < behind) continue
    const body = index + line.length
    // Each end is looked for once, however many beginnings there are.
    if (ending < body) ending = indexOf(text, END, body)
    const closed = ending - body > LONGEST ? text.length : indexOf(text, "-----", ending + END.length)
    BODY.lastIndex = body
    // One that was cut ends where it ends to look like one.
    behind = closed === text.length ? body + (BODY.exec(text)?.[0].length ?? 0) : closed + "-----".length
    const isKey = /[A-Za-z0-9+/=]{16}/.test(text.slice(body, behind))
    if (isKey) yield { start: index, end: behind, kind: label.includes("PRIVATE KEY") ? "private-key" : "public" }
  }
}

/** Behind everything where it is not there. */
function indexOf(text: string, part: string, from: number) {
  const found = text.indexOf(part, from)
  return found < 0 ? text.length : found
}
