import type { TileName } from "./tile.ts"

/** What a tree is at a size. */
export interface TreeHead {
  readonly size: number
  /** Lower-case hex. */
  readonly root: string
}

export interface StoredTile extends TileName {
  readonly bytes: Uint8Array
}

/** Where a tree's tiles are kept; one tree at a time uses it. A tile that was kept never changes under the kept head. */
export interface TileStore {
  /** The head of the last write that was done to its end. */
  head(): Promise<TreeHead | undefined>
  /** The tile's bytes as they were kept; undefined: it is not there. */
  read(tile: TileName): Promise<Uint8Array | undefined>
  /** Keeps the tiles, then the head. Answered: both last. Rejected or cut off: the head before stands, or this one. */
  write(tiles: readonly StoredTile[], head: TreeHead): Promise<void>
}
