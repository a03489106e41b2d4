import { EventLogError } from "./event-log-error.ts"
import { EMPTY_ROOT } from "./hash-node.ts"
import { consistencyPath, inclusionPath, type ReadNode, rootOf } from "./merkle-proofs.ts"
import { HASH_LENGTH, TILE_WIDTH, Tile, type TileName } from "./tile.ts"
import { type Edge, edgeIndex, TileReader } from "./tile-reader.ts"
import type { StoredTile, TileStore } from "./tile-store.ts"

/**
 * An append-only Merkle tree (RFC 6962) over a log: its leaves are the events' (`leafOf`), the one of event `seq` at index
 * `seq - 1`. Hashes are lower-case hex. Fails with `proof-impossible` for what the tree does not have.
 */
export interface MerkleTree {
  /** How many leaves are kept. */
  readonly size: number
  /** Leaves after those that are there; answered when they are kept. Appends follow one another. */
  append(leaves: readonly string[]): Promise<void>
  rootAt(size: number): Promise<string>
  /** As it is kept, in a tile that leads to the tree's root. */
  leafAt(index: number): Promise<string>
  /** That leaf `index` is in the tree of this size; from the leaf up. */
  inclusionProof(index: number, size: number): Promise<readonly string[]>
  /** That the tree of size `to` begins with the tree of size `from`. */
  consistencyProof(from: number, to: number): Promise<readonly string[]>
}

/** The tree that was kept; rejects with `tree-damaged` where its edge does not give the root that was kept with it. */
export async function loadMerkleTree(tiles: TileStore): Promise<MerkleTree> {
  const reader = new TileReader(tiles)
  const { size, root } = (await tiles.head()) ?? { size: 0, root: EMPTY_ROOT }
  const edge = await readEdge(size, reader)
  const found = await rootOfEdge(edge, reader)
  if (found !== root)
    throw new EventLogError(
      "tree-damaged",
      `The tree of ${size} leaves has the root ${found} where ${root} was kept. Remove its tiles and build it again from the log.`,
    )
  return new TiledTree(tiles, { reader, edge })
}

class TiledTree implements MerkleTree {
  readonly #tiles: TileStore
  readonly #reader: TileReader
  #edge: Edge
  #appending: Promise<void> = Promise.resolve()

  constructor(tiles: TileStore, { reader, edge }: { readonly reader: TileReader; readonly edge: Edge }) {
    this.#tiles = tiles
    this.#reader = reader
    this.#edge = edge
  }

  get size() {
    return this.#edge.size
  }

  append(leaves: readonly string[]) {
    const mine = this.#appending.then(() => this.#append(leaves))
    // The next one begins after this one, however it ends; whoever called this one is told.
    this.#appending = mine.catch(() => {})
    return mine
  }

  async rootAt(size: number) {
    this.#check(size, this.size)
    if (size === 0) return EMPTY_ROOT
    return toHex(await rootOf({ start: 0, end: size }, this.#nodes()))
  }

  async leafAt(index: number) {
    this.#check(index, this.size - 1)
    return toHex(await this.#nodes()(0, index))
  }

  async inclusionProof(index: number, size: number) {
    this.#check(size, this.size)
    this.#check(index, size - 1)
    return (await inclusionPath(index, { start: 0, end: size }, this.#nodes())).map(toHex)
  }

  async consistencyProof(from: number, to: number) {
    this.#check(to, this.size)
    this.#check(from, to)
    // Every tree begins with the one that has no leaves.
    if (from === 0) return []
    return (await consistencyPath(from, { start: 0, end: to }, this.#nodes())).map(toHex)
  }

  async #append(leaves: readonly string[]) {
    if (leaves.length === 0) return
    const { edge, tiles } = grow(this.#edge, leaves.map(fromHex))
    const root = await rootOfEdge(edge, this.#reader)
    await this.#tiles.write(tiles, { size: edge.size, root })
    this.#edge = edge
  }

  /** As the tree is now: an append changes nothing for who reads meanwhile. */
  #nodes(): ReadNode {
    const edge = this.#edge
    return (height, index) => this.#reader.node(height, index, edge)
  }

  #check(number: number, most: number) {
    if (!Number.isSafeInteger(number) || number < 0 || number > most)
      throw new EventLogError(
        "proof-impossible",
        `The tree has ${this.size} leaves: ${number} is no index or size of what was asked for.`,
      )
  }
}

/** The tree after more leaves, and the tiles that have changed; what was there stays as it was. */
function grow(before: Edge, leaves: readonly Uint8Array[]): { readonly edge: Edge; readonly tiles: StoredTile[] } {
  const growing = before.tiles.map((tile) => tile.copy())
  const full = leaves.flatMap((leaf, place) => push(growing, leaf, before.size + place + 1))
  const edge = { size: before.size + leaves.length, tiles: growing }
  const parts = edgeNames(edge.size)
    .filter(({ level }) => lengthOf(before.size, level) < lengthOf(edge.size, level))
    .flatMap((name) => toStored(name, growing[name.level]))
  return { edge, tiles: [...full, ...parts] }
}

/** The leaf that makes the tree so large. A tile that it fills makes way for the next, and its root goes a level up. */
function push(tiles: Tile[], leaf: Uint8Array, size: number): StoredTile[] {
  const full: StoredTile[] = []
  let hash = leaf
  for (let level = 0; ; level += 1) {
    const tile = tiles[level] ?? new Tile()
    tiles[level] = tile
    tile.push(hash)
    if (tile.width < TILE_WIDTH) return full
    full.push(...toStored({ level, index: edgeIndex(size, level) - 1, width: TILE_WIDTH }, tile))
    hash = tile.root
    tiles[level] = new Tile()
  }
}

async function readEdge(size: number, reader: TileReader): Promise<Edge> {
  const levels = Array.from({ length: levelCount(size) }, (_, level) => level)
  const names = new Map(edgeNames(size).map((name) => [name.level, name]))
  const tiles = levels.map(async (level) => {
    const name = names.get(level)
    return name ? reader.read(name) : new Tile()
  })
  return { size, tiles: await Promise.all(tiles) }
}

async function rootOfEdge(edge: Edge, reader: TileReader) {
  if (edge.size === 0) return EMPTY_ROOT
  return toHex(await rootOf({ start: 0, end: edge.size }, (height, index) => reader.node(height, index, edge)))
}

/** The tiles of a tree that are neither full nor empty. */
function edgeNames(size: number): TileName[] {
  return Array.from({ length: levelCount(size) }, (_, level) => ({
    level,
    index: edgeIndex(size, level),
    width: lengthOf(size, level) % TILE_WIDTH,
  })).filter(({ width }) => width > 0)
}

function levelCount(size: number) {
  let count = 0
  while (lengthOf(size, count) > 0) count += 1
  return count
}

/** How many hashes a level has. */
function lengthOf(size: number, level: number) {
  return Math.floor(size / TILE_WIDTH ** level)
}

function toStored(name: TileName, tile: Tile | undefined): StoredTile[] {
  return tile ? [{ ...name, bytes: tile.toBytes() }] : []
}

function toHex(hash: Uint8Array) {
  return Buffer.from(hash).toString("hex")
}

function fromHex(leaf: string): Uint8Array {
  const hash = Buffer.from(leaf, "hex")
  if (leaf.length !== 2 * HASH_LENGTH || hash.length !== HASH_LENGTH)
    throw new EventLogError("event-invalid", `A leaf is a SHA-256 in hex, which "${leaf}" is not.`)
  return hash
}
