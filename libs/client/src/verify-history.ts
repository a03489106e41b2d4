import { AegisProblem } from "./aegis-problem.ts"
import { fromHex, sha256, toHex } from "./digest.ts"
import { leafOf, splitEvent } from "./event-leaf.ts"

/** The hash before a stream's first event. */
export const EMPTY_HASH = "0".repeat(64)

export interface VerifyHistoryOptions {
  /** The hash before the first text; absent: the texts begin with the stream. */
  readonly from?: string | undefined
}

/**
 * Recomputes the rolling hash of a stream from its events' texts (spec of the hash: the README of @aegis/event-log).
 * Gives the hash after the last one. Rejects with `history-broken`, naming the first event whose hash is another.
 */
export async function verifyHistory(
  texts: Iterable<string> | AsyncIterable<string>,
  salt: string,
  { from = EMPTY_HASH }: VerifyHistoryOptions = {},
): Promise<string> {
  let hash = fromHex(from)
  for await (const text of texts) {
    hash = await sha256(hash, fromHex(await leafOf(text, salt)))
    const { seq, hash: said } = splitEvent(text)
    if (toHex(hash) !== said)
      throw new AegisProblem({
        status: 0,
        code: "history-broken",
        detail: `Event ${seq} does not follow from those before it: something was changed, left out or put in.`,
      })
  }
  return toHex(hash)
}
