import { findSecrets } from "./find-secrets.ts"
import { markOf, type Span } from "./span.ts"

/** Two are enough for what people write. */
const MOST_LOOKS = 8

/**
 * The pieces of one text (deltas of a message, chunks of an output) without the secrets of the whole, also those that are cut
 * in the middle. The mark stands in the piece where a secret begins, so that joined they are the joined text's redaction.
 */
export function redactPieces(pieces: readonly string[]): string[] {
  let hidden = [...pieces]
  // What is left may look like a secret without its neighbours.
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const spans = findSecrets(hidden.join(""))
    if (spans.length === 0) break
    hidden = cut(hidden, spans)
  }
  return hidden
}

function cut(pieces: readonly string[], spans: readonly Span[]) {
  let offset = 0
  let next = 0
  return pieces.map((piece) => {
    const [start, end] = [offset, offset + piece.length]
    offset = end
    let text = ""
    let from = start
    for (let span = spans[next]; span !== undefined && span.start < end; span = spans[next]) {
      if (span.start >= start) text += piece.slice(from - start, span.start - start) + markOf(span.kind)
      from = Math.min(span.end, end)
      if (span.end > end) break
      next += 1
    }
    return text + piece.slice(from - start)
  })
}
