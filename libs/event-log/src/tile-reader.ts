import { EventLogError } from "./event-log-error.ts"
import { HASH_LENGTH, TILE_HEIGHT, TILE_WIDTH, Tile, type TileName } from "./tile.ts"
import { toTilePath } from "./tile-path.ts"
import type { TileStore } from "./tile-store.ts"

/** So many full tiles are kept at hand, about 60 kB each. */
const TILES_AT_HAND = 64

/**
 * The subtrees of a tree as its tiles are read. A full tile is believed when the level above has its root, up to the
 * tiles at the tree's right edge, which stand in memory: so a damaged one is found before a proof is made of it.
 */
export class TileReader {
  readonly #store: TileStore
  readonly #atHand = new Map<string, Tile>()

  constructor(store: TileStore) {
    this.#store = store
  }

  /** The hash of a complete subtree of the tree whose right edge (a tile for each level) this is. */
  async node(height: number, index: number, edge: Edge): Promise<Uint8Array> {
    const row = height % TILE_HEIGHT
    const inTile = 2 ** (TILE_HEIGHT - row)
    const level = (height - row) / TILE_HEIGHT
    const tile = await this.#tile({ level, index: Math.floor(index / inTile), width: TILE_WIDTH }, edge)
    return tile.node(row, index % inTile)
  }

  /** A tile's hashes as they are kept; rejects with `tree-damaged` where they are not. */
  async read(name: TileName): Promise<Tile> {
    const bytes = await this.#store.read(name)
    if (bytes?.length !== name.width * HASH_LENGTH)
      throw damaged(name, bytes ? `has ${bytes.length} bytes` : "is missing")
    return Tile.fromBytes(bytes)
  }

  async #tile(name: TileName, edge: Edge): Promise<Tile> {
    const { level, index } = name
    const atEdge = edge.tiles[level]
    if (atEdge && index === edgeIndex(edge.size, level)) return atEdge
    const path = toTilePath(name)
    const tile = this.#atHand.get(path) ?? (await this.#believe(name, edge))
    this.#keepAtHand(path, tile)
    return tile
  }

  async #believe(name: TileName, edge: Edge) {
    const tile = await this.read(name)
    const above = await this.#tile(
      { level: name.level + 1, index: Math.floor(name.index / TILE_WIDTH), width: TILE_WIDTH },
      edge,
    )
    if (Buffer.compare(above.node(0, name.index % TILE_WIDTH), tile.root) !== 0)
      throw damaged(name, "is not what the level above says")
    return tile
  }

  /** Again at the end of the map: the first one is what was not asked for the longest. */
  #keepAtHand(path: string, tile: Tile) {
    this.#atHand.delete(path)
    this.#atHand.set(path, tile)
    const [oldest] = this.#atHand.keys()
    if (this.#atHand.size > TILES_AT_HAND && oldest !== undefined) this.#atHand.delete(oldest)
  }
}

/** Where a tree of a size ends: the tile of each level that has room. */
export interface Edge {
  readonly size: number
  readonly tiles: readonly Tile[]
}

/** Which tile of a level it is that has room. */
export function edgeIndex(size: number, level: number) {
  return Math.floor(size / TILE_WIDTH ** (level + 1))
}

function damaged(name: TileName, what: string) {
  return new EventLogError(
    "tree-damaged",
    `The tree's ${toTilePath(name)} ${what}. Remove the tree's tiles and build it again from the log.`,
  )
}
