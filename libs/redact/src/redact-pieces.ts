import { findSecrets } from "./find-secrets.ts"
import { markOf, type Span } from "./span.ts"

/**
 * The pieces of one text (deltas of a message, chunks of an output) without the secrets of the whole, also those that are cut
 * in the middle. The mark stands in the piece where a secret begins, so that joined they are the joined text's redaction.
 */
export function redactPieces(pieces: readonly string[]): string[] {
  // What is left may look like a secret without its neighbours: until nothing is found any more.
  let hidden = [...pieces]
  for (let spans = findSecrets(hidden.join("")); spans.length > 0; spans = findSecrets(hidden.join("")))
    hidden = cut(hidden, spans)
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
