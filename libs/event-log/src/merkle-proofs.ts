import { hashNode } from "./hash-node.ts"

/** The hash of a complete subtree: of `2 ** height` leaves, the index-th from the left. */
export type ReadNode = (height: number, index: number) => Promise<Uint8Array>

/** Leaves `start` to `end - 1`; `start` is a multiple of the power of two that they fit into. */
interface Range {
  readonly start: number
  readonly end: number
}

/** MTH(D[start:end]) of RFC 6962, 2.1. */
export async function rootOf({ start, end }: Range, node: ReadNode): Promise<Uint8Array> {
  const length = end - start
  const [left, right] = halves({ start, end })
  const isComplete = length === 1 || length === 2 * (right.end - right.start)
  if (isComplete) return node(Math.round(Math.log2(length)), start / length)
  return hashNode(await rootOf(left, node), await rootOf(right, node))
}

/** PATH(index, D[start:end]) of RFC 6962, 2.1.1; from the leaf up. */
export async function inclusionPath(index: number, { start, end }: Range, node: ReadNode): Promise<Uint8Array[]> {
  if (end - start === 1) return []
  const [left, right] = halves({ start, end })
  return index < left.end
    ? [...(await inclusionPath(index, left, node)), await rootOf(right, node)]
    : [...(await inclusionPath(index, right, node)), await rootOf(left, node)]
}

/** PROOF(from, D[start:end]) of RFC 6962, 2.1.2: SUBPROOF, which leaves out what the older root itself says. */
export async function consistencyPath(from: number, { start, end }: Range, node: ReadNode): Promise<Uint8Array[]> {
  if (from === end) return start === 0 ? [] : [await rootOf({ start, end }, node)]
  const [left, right] = halves({ start, end })
  return from <= left.end
    ? [...(await consistencyPath(from, left, node)), await rootOf(right, node)]
    : [...(await consistencyPath(from, right, node)), await rootOf(left, node)]
}

/** Divided at the largest power of two that is smaller than the range. */
function halves({ start, end }: Range): [Range, Range] {
  let length = 1
  while (length * 2 < end - start) length *= 2
  return [
    { start, end: start + length },
    { start: start + length, end },
  ]
}
