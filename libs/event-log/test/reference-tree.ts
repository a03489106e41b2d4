import { createHash } from "node:crypto"

// RFC 6962, 2.1, word by word over whole lists: slow, and nothing is kept. What the tree gives is compared with it.

/** D[n]: the leaves' hashes. */
export type Leaves = readonly string[]

export function leavesOf(count: number, name = "leaf"): Leaves {
  return Array.from({ length: count }, (_, index) => sha256(Buffer.from(`\0${name} ${index}`)))
}

/** MTH(D[n]) */
export function referenceRoot(leaves: Leaves): string {
  if (leaves.length === 0) return sha256(Buffer.alloc(0))
  if (leaves.length === 1) return leaves[0] ?? ""
  const k = split(leaves)
  return node(referenceRoot(leaves.slice(0, k)), referenceRoot(leaves.slice(k)))
}

/** PATH(m, D[n]) */
export function referencePath(m: number, leaves: Leaves): string[] {
  if (leaves.length <= 1) return []
  const k = split(leaves)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m < k
    ? [...referencePath(m, left), referenceRoot(right)]
    : [...referencePath(m - k, right), referenceRoot(left)]
}

/** PROOF(m, D[n]) */
export function referenceProof(m: number, leaves: Leaves): string[] {
  return m === 0 || m === leaves.length ? [] : subproof(m, leaves, true)
}

function subproof(m: number, leaves: Leaves, isWhole: boolean): string[] {
  if (m === leaves.length) return isWhole ? [] : [referenceRoot(leaves)]
  const k = split(leaves)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m <= k
    ? [...subproof(m, left, isWhole), referenceRoot(right)]
    : [...subproof(m - k, right, false), referenceRoot(left)]
}

function split(leaves: Leaves) {
  return 2 ** Math.floor(Math.log2(leaves.length - 1))
}

function node(left: string, right: string) {
  return sha256(Buffer.from(`01${left}${right}`, "hex"))
}

function sha256(bytes: Uint8Array) {
  return createHash("sha256").update(bytes).digest("hex")
}
