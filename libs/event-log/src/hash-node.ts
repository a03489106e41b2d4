import { hash } from "node:crypto"

/** The root of a tree without entries: SHA-256 of nothing (RFC 6962, 2.1). */
export const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/** The hash over two halves of a tree: SHA-256(0x01 ‖ left ‖ right). Leaves begin with 0x00, so none passes for a node. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + left.length + right.length)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + left.length)
  // By way of a string: a digest given as a buffer costs three times as much.
  return Buffer.from(hash("sha256", input, "binary"), "binary")
}
