export { createFolderTiles, type FolderTilesOptions } from "./folder-tiles.ts"
export { type GrowTreeOptions, growTree, leavesOf } from "./grow-tree.ts"
export { createMemoryTiles } from "./memory-tiles.ts"
export { loadMerkleTree, type MerkleTree } from "./merkle-tree.ts"
export { dataHashOf, leafOf } from "./rolling-hash.ts"

// Checkpoints: what a tree's head is signed in.

export { type Checkpoint, openCheckpoint, signCheckpoint } from "./checkpoint.ts"
export {
  type CreateNoteKeyOptions,
  createNoteKey,
  type NoteSigner,
  type NoteVerifier,
  readSigner,
  readVerifier,
} from "./note-key.ts"
export { openNote, signNote } from "./signed-note.ts"

// For those who keep tiles elsewhere, or on a disk of their own making.

export { EMPTY_ROOT } from "./hash-node.ts"
export type { TileName } from "./tile.ts"
export { diskFiles, type TileFiles } from "./tile-files.ts"
export type { StoredTile, TileStore, TreeHead } from "./tile-store.ts"
