import { dirname, join, relative } from "node:path"
import { EventLogError } from "./event-log-error.ts"
import { TILE_WIDTH } from "./tile.ts"
import { diskFiles, type TileFiles } from "./tile-files.ts"
import { toTilePath } from "./tile-path.ts"
import type { StoredTile, TileStore, TreeHead } from "./tile-store.ts"

export interface FolderTilesOptions {
  readonly files?: TileFiles
}

/**
 * Tiles as files (0600) of a folder (0700), laid out as C2SP tlog-tiles wants it: what a static web server may serve.
 * Beside them stands `head`, the size and the root that are kept: what was not written to its end is beyond it.
 */
export function createFolderTiles(folder: string, { files = diskFiles }: FolderTilesOptions = {}): TileStore {
  const headPath = join(folder, "head")
  return {
    async head() {
      const bytes = await translated(folder, () => files.read(headPath))
      return bytes && parseHead(bytes, headPath)
    },
    read: (tile) => translated(folder, () => files.read(join(folder, toTilePath(tile)))),
    write: (tiles, head) =>
      translated(folder, async () => {
        await placeTiles(tiles, { folder, files })
        await place(headPath, formatHead(head), { folder, files })
        await files.syncFolder(folder)
        await removeParts(tiles, { folder, files })
      }),
  }
}

interface Place {
  readonly folder: string
  readonly files: TileFiles
}

async function placeTiles(tiles: readonly StoredTile[], { folder, files }: Place) {
  const folders = new Set<string>()
  await files.makeFolder(folder)
  for (const tile of tiles) {
    const path = join(folder, toTilePath(tile))
    for (const above of foldersOf(path, folder)) folders.add(above)
    await files.makeFolder(dirname(path))
    await place(path, tile.bytes, { folder, files })
  }
  // Before the head: a power loss must not keep the head's name and forget a tile's.
  for (const each of folders) await files.syncFolder(each)
}

/** A draft under the one name there is for it: after a kill it is overwritten by the next one. */
async function place(path: string, bytes: Uint8Array, { folder, files }: Place) {
  const draft = join(folder, "draft")
  await files.write(draft, bytes)
  await files.rename(draft, path)
}

/** The parts of tiles that have become full. One that a kill leaves here is never read again. */
async function removeParts(tiles: readonly StoredTile[], { folder, files }: Place) {
  for (const tile of tiles) if (tile.width === TILE_WIDTH) await files.remove(`${join(folder, toTilePath(tile))}.p`)
}

/** From the file's folder up to the tiles' own. */
function foldersOf(path: string, folder: string): string[] {
  const above = dirname(path)
  return relative(folder, above) === "" ? [above] : [above, ...foldersOf(above, folder)]
}

function formatHead({ size, root }: TreeHead) {
  return Buffer.from(`${size}\n${root}\n`)
}

function parseHead(bytes: Uint8Array, path: string): TreeHead {
  const [, size, root] = /^(\d{1,16})\n([0-9a-f]{64})\n$/.exec(Buffer.from(bytes).toString()) ?? []
  if (size === undefined || root === undefined)
    throw new EventLogError(
      "tree-damaged",
      `The file ${path} is not a tree's head. Remove its folder and build the tree again from the log.`,
    )
  return { size: Number(size), root }
}

async function translated<T>(folder: string, run: () => Promise<T>) {
  try {
    return await run()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new EventLogError(
      code === "ENOSPC" ? "storage-full" : "storage-failed",
      `The tiles in ${folder} cannot be read or written: ${message}`,
      { cause: error },
    )
  }
}
