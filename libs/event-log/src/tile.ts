import { hashNode } from "./hash-node.ts"

/** Of a tile's subtree: 256 hashes are its leaves (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8
export const TILE_WIDTH = 2 ** TILE_HEIGHT
export const HASH_LENGTH = 32

/** Level 0 has the leaves of the tree; each hash of a higher level stands for a full tile of the level below. */
export interface TileName {
  readonly level: number
  readonly index: number
  /** How many hashes: 256, or less where the tree ends. */
  readonly width: number
}

/** Hashes side by side, and every complete subtree over them; each is hashed once. */
export class Tile {
  readonly #rows: Uint8Array[][]

  constructor(rows: readonly (readonly Uint8Array[])[] = []) {
    this.#rows = Array.from({ length: TILE_HEIGHT + 1 }, (_, height) => [...(rows[height] ?? [])])
  }

  static fromBytes(bytes: Uint8Array) {
    const tile = new Tile()
    for (let start = 0; start < bytes.length; start += HASH_LENGTH)
      tile.push(bytes.subarray(start, start + HASH_LENGTH))
    return tile
  }

  get width() {
    return this.#rows[0]?.length ?? 0
  }

  /** Of a full tile: what stands for it in the level above. */
  get root() {
    return this.node(TILE_HEIGHT, 0)
  }

  push(hash: Uint8Array) {
    let subtree = hash
    for (const row of this.#rows) {
      const left = row.at(-1)
      // Bytes of its own: a hash is cut from a pool of 64 kB, all of which stays as long as it does.
      row.push(new Uint8Array(subtree))
      if (left === undefined || row.length % 2 === 1) return
      subtree = hashNode(left, subtree)
    }
  }

  /** The complete subtree of this height that is the index-th from the left. */
  node(height: number, index: number): Uint8Array {
    const node = this.#rows[height]?.[index]
    if (!node) throw new RangeError(`A tile of ${this.width} hashes has no subtree ${index} of height ${height}.`)
    return node
  }

  toBytes(): Uint8Array {
    return Buffer.concat(this.#rows[0] ?? [])
  }

  /** One that can grow while readers use this one. */
  copy() {
    return new Tile(this.#rows)
  }
}
