/** A part of a text that is a secret, and which kind of one; `end` is behind it. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: string
}

/** In their order, each place in one only; what overlaps is one, of the kind of the first. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1)
    if (last === undefined || span.start >= last.end) merged.push(span)
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end }
  }
  return merged
}

/** What stands where something was hidden. */
export function markOf(kind: string) {
  return `[redacted: ${kind}]`
}

/** Whether a text is such a mark and nothing else. */
export function isMark(text: string) {
  return /^\[redacted: [a-z-]{1,40}\]$/.test(text)
}
