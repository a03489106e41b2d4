import { AegisProblem } from "./aegis-problem.ts"
import { readHash, toHex } from "./digest.ts"
import { EMPTY_TREE_ROOT, half, isOdd, isSize, joinHalves, readHashes, type TreeHead } from "./tree-head.ts"

export interface ConsistencyProof {
  readonly proof: readonly string[]
}

/**
 * Verifies that the newer log begins with the older one, entry by entry: nothing was changed, left out or put in (RFC
 * 9162, 2.1.4.2). Rejects with `consistency-broken`. The older head is the witness: a copy that was kept elsewhere.
 */
export async function verifyConsistency(older: TreeHead, newer: TreeHead, { proof }: ConsistencyProof) {
  if (![older, newer].every(({ size, root }) => isSize(size) && isRoot(size, root)))
    throw broken("A head of the log has a size or a root that none can have.")
  if (older.size > newer.size)
    throw broken(`The log had ${older.size} entries, and now has ${newer.size}: its end was cut off.`)
  if (older.size === 0 || older.size === newer.size) {
    if (proof.length > 0) throw broken(`From ${older.size} to ${newer.size} entries there is nothing to prove.`)
    if (older.size === newer.size && older.root !== newer.root) throw rewritten(older)
    return
  }
  const hashes = readHashes(proof)
  if (!hashes) throw broken("The proof has a hash that is not a SHA-256 in hex.")
  const roots = await climb(hashes, older, newer)
  if (roots?.older !== older.root || roots.newer !== newer.root) throw rewritten(older)
}

/** The two roots that the proof leads to; undefined: it is too short or too long. */
async function climb(hashes: readonly Uint8Array[], older: TreeHead, newer: TreeHead) {
  let index = older.size - 1
  let last = newer.size - 1
  while (isOdd(index)) [index, last] = [half(index), half(last)]
  // Where the older log is one complete subtree of the newer one, its root is what the proof begins with.
  const whole = index === 0 ? readHash(older.root) : undefined
  const [first, ...others] = whole ? [whole, ...hashes] : hashes
  if (!first) return undefined
  let [olderHash, newerHash] = [first, first]
  for (const sibling of others) {
    if (last === 0) return undefined
    if (isOdd(index) || index === last) {
      ;[olderHash, newerHash] = await Promise.all([joinHalves(sibling, olderHash), joinHalves(sibling, newerHash)])
      while (!isOdd(index) && index !== 0) [index, last] = [half(index), half(last)]
    } else newerHash = await joinHalves(newerHash, sibling)
    ;[index, last] = [half(index), half(last)]
  }
  return last === 0 ? { older: toHex(olderHash), newer: toHex(newerHash) } : undefined
}

function isRoot(size: number, root: string) {
  return size === 0 ? root === EMPTY_TREE_ROOT : readHash(root) !== undefined
}

function rewritten({ size }: TreeHead) {
  return broken(`The log does not begin with the ${size} entries that it had: one was changed, left out or put in.`)
}

function broken(detail: string) {
  return new AegisProblem({ status: 0, code: "consistency-broken", detail })
}
