import type { TileStore, TreeHead } from "./tile-store.ts"

/** Tiles that last as long as the process. Of one that grows only the last part is kept: nobody asks for the others. */
export function createMemoryTiles(): TileStore {
  const kept = new Map<string, Uint8Array>()
  let last: TreeHead | undefined
  return {
    head: async () => last,
    read: async ({ level, index }) => kept.get(`${level}/${index}`),
    write: async (tiles, head) => {
      for (const { level, index, bytes } of tiles) kept.set(`${level}/${index}`, bytes)
      last = head
    },
  }
}
