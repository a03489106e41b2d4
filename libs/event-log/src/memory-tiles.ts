import { toTilePath } from "./tile-path.ts"
import type { TileStore, TreeHead } from "./tile-store.ts"

/** Tiles that last as long as the process. */
export function createMemoryTiles(): TileStore {
  const kept = new Map<string, Uint8Array>()
  let last: TreeHead | undefined
  return {
    head: async () => last,
    read: async (tile) => kept.get(toTilePath(tile)),
    write: async (tiles, head) => {
      for (const tile of tiles) kept.set(toTilePath(tile), tile.bytes)
      last = head
    },
  }
}
