import { redactPieces } from "./redact-pieces.ts"

/** The text with a mark in the place of each secret; a text without any is given back as it is. Time is linear in its length. */
export function redactText(text: string): string {
  return redactPieces([text]).join("")
}
