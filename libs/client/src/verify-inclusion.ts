import { AegisProblem } from "./aegis-problem.ts"
import { readHash, toHex } from "./digest.ts"
import { half, isOdd, isSize, joinHalves, readHashes, type TreeHead } from "./tree-head.ts"

export interface InclusionProof {
  /** Of an event: its `seq - 1`. */
  readonly index: number
  /** From the leaf up. */
  readonly proof: readonly string[]
}

/**
 * Verifies that a log of this head has the leaf at this index (RFC 9162, 2.1.3.2). Rejects with `inclusion-broken`,
 * naming the index. What the head is worth is another question: take it from `verifyCheckpoint`.
 */
export async function verifyInclusion(leaf: string, { size, root }: TreeHead, { index, proof }: InclusionProof) {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw broken(`Index ${index} is not in a log of ${size} entries.`)
  const hash = readHash(leaf)
  const hashes = readHashes(proof)
  if (!hash || !hashes) throw broken(`The proof for index ${index} has a hash that is not a SHA-256 in hex.`)
  if ((await climb(hash, hashes, { index, last: size - 1 })) !== root)
    throw broken(`Index ${index} of the log is another entry, or the proof is another one's.`)
}

interface Place {
  /** Among the nodes of this height, from the left. */
  readonly index: number
  readonly last: number
}

/** The root that leaf and proof lead to; undefined: the proof is too short or too long for the tree. */
async function climb(leaf: Uint8Array, hashes: readonly Uint8Array[], { index, last }: Place) {
  let hash = leaf
  for (const sibling of hashes) {
    if (last === 0) return undefined
    if (isOdd(index) || index === last) {
      hash = await joinHalves(sibling, hash)
      // At the right edge a node without a sibling goes up as it is.
      while (!isOdd(index) && index !== 0) [index, last] = [half(index), half(last)]
    } else hash = await joinHalves(hash, sibling)
    ;[index, last] = [half(index), half(last)]
  }
  return last === 0 ? toHex(hash) : undefined
}

function broken(detail: string) {
  return new AegisProblem({ status: 0, code: "inclusion-broken", detail })
}
