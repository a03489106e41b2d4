import { readHash, sha256 } from "./digest.ts"

/** What a log is at a size: of a checkpoint that was verified, or a copy of one that a witness kept. */
export interface TreeHead {
  readonly size: number
  /** Lower-case hex. */
  readonly root: string
}

/** The root of a tree without entries: SHA-256 of nothing. */
export const EMPTY_TREE_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

export function isSize(size: unknown): size is number {
  return Number.isSafeInteger(size) && Number(size) >= 0
}

/** The hashes of a proof; undefined: one of them is none. */
export function readHashes(proof: readonly string[]) {
  const hashes = proof.map(readHash).filter((hash) => hash !== undefined)
  return hashes.length === proof.length ? hashes : undefined
}

/** Two halves of a tree (RFC 6962, 2.1). */
export function joinHalves(left: Uint8Array, right: Uint8Array) {
  return sha256(Uint8Array.of(1), left, right)
}

/** Sizes reach beyond what the bit operators of the language can hold. */
export function half(number: number) {
  return Math.floor(number / 2)
}

export function isOdd(number: number) {
  return number % 2 === 1
}
