import { randomBytes } from "node:crypto"
import { mkdir, rename } from "node:fs/promises"
import { join } from "node:path"
import { type EventLog, EventLogError } from "@aegis/event-log"
import {
  type Checkpoint,
  createFolderTiles,
  diskFiles,
  growTree,
  leavesOf,
  loadMerkleTree,
  type MerkleTree,
  type NoteSigner,
  openCheckpoint,
  readVerifier,
  signCheckpoint,
  type TileStore,
} from "@aegis/event-log/merkle"
import { type Lock, takeLock } from "@aegis/event-log/sqlite"
import type { AegisEvent } from "@aegis/session-core/events"
import { AuditContradiction } from "./audit-contradiction.ts"
import type { AuditWitness } from "./audit-witness.ts"

export interface AuditTreeOptions {
  readonly log: Pick<EventLog<AegisEvent>, "head" | "read" | "streamHead">
  /** Laid out as C2SP tlog-tiles wants it, with the newest checkpoint beside the tiles. For one process at a time. */
  readonly folder: string
  readonly signer: NoteSigner
  readonly witness?: AuditWitness | undefined
}

/** Leaves of one write, at most. */
export const LEAVES = 1024
/** Of the log's entries, so many are looked at again when the tree is opened: a start does not read all of it. */
const LOOKED_AT = 256

/**
 * The Merkle tree over the log, in its folder, and what is signed of it. One thing is done at a time, by whom ever it was
 * asked for. Fails with `AuditContradiction` where log, tree, checkpoint and witness do not tell the same, and with what
 * the disk says.
 */
export class AuditTree {
  /** As it is kept; it grows with `grow` alone. */
  readonly tree: MerkleTree
  /** The newest checkpoint, on disk beside the tree. */
  signed: SignedCheckpoint | undefined
  readonly #options: AuditTreeOptions
  readonly #tiles: TileStore
  readonly #lock: Lock

  private constructor(options: AuditTreeOptions, { tree, lock, signed }: Opened) {
    this.#options = options
    this.#tiles = createFolderTiles(options.folder)
    this.tree = tree
    this.#lock = lock
    this.signed = signed
  }

  static async open(options: AuditTreeOptions): Promise<AuditTree> {
    const { folder } = options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const lock = takeLock(join(folder, "lock"))
    if (lock === undefined) throw new Error(`${folder} is in use by another process.`)
    try {
      return new AuditTree(options, { lock, ...(await openChecked(options).catch(remake(options))) })
    } catch (error) {
      lock.close()
      throw error
    }
  }

  /** Appends what the log has and the tree has not, as much as is written at once; answers with how much that was. */
  async grow(): Promise<number> {
    return growTree(this.tree, this.#options.log, { limit: LEAVES })
  }

  /** Writes where the tree is written, and sees that the witness takes more: rejects where it could not be done. */
  async prove() {
    const { tree } = this
    if ((await this.grow()) === 0) await this.#tiles.write([], { size: tree.size, root: await tree.rootAt(tree.size) })
    await this.#options.witness?.check()
  }

  /** The tree of now, signed: kept beside the tiles, and told to the witness. */
  async sign(): Promise<SignedCheckpoint> {
    const { folder, signer, witness } = this.#options
    const seen = await witness?.last()
    // Whoever else writes there, or has changed it, is found before anything is put behind it.
    if (seen !== undefined && seen !== this.signed?.note) await checkHead(this.tree, seen, atWitness(this.#options))
    const { size } = this.tree
    if (this.signed?.size !== size) {
      const checkpoint = { origin: signer.name, size, root: await this.tree.rootAt(size) }
      const note = signCheckpoint(checkpoint, signer)
      await keepCheckpoint(folder, note)
      this.signed = { ...checkpoint, note }
    }
    if (seen !== this.signed.note) await witness?.append(this.signed.note)
    return this.signed
  }

  /** For the next one. */
  close() {
    this.#lock.close()
  }
}

interface Checked {
  readonly tree: MerkleTree
  readonly signed: SignedCheckpoint | undefined
}

interface Opened extends Checked {
  readonly lock: Lock
}

export interface SignedCheckpoint extends Checkpoint {
  readonly note: string
}

/** What stands in a tree's folder, whatever it is worth: from the disk's bytes. */
export async function readKept(folder: string) {
  const tree = await loadMerkleTree(createFolderTiles(folder))
  const bytes = await diskFiles.read(join(folder, "checkpoint"))
  return { tree, note: bytes && Buffer.from(bytes).toString() }
}

async function openChecked(options: AuditTreeOptions): Promise<Checked> {
  const tree = await loadMerkleTree(createFolderTiles(options.folder))
  await checkEnd(tree, options.log)
  const signed = await readCheckpoint(options)
  await checkHeads(tree, signed, options)
  await tellWitness(signed, options)
  return { tree, signed }
}

function remake(options: AuditTreeOptions) {
  return async (error: unknown): Promise<Checked> => {
    if (!EventLogError.is(error) || error.code !== "tree-damaged") throw error
    await setTilesAside(options.folder)
    return openChecked(options)
  }
}

/** Tiles that are not what was kept: the next one who opens the tree makes it again. What they were worth the checkpoints say. */
export async function setTilesAside(folder: string) {
  const aside = join(folder, `damaged-${randomBytes(4).toString("hex")}`)
  await mkdir(aside, { mode: 0o700 })
  for (const name of ["tile", "head"]) await rename(join(folder, name), join(aside, name)).catch(nothingThere)
}

function nothingThere(error: NodeJS.ErrnoException) {
  if (error.code !== "ENOENT") throw error
}

/** That the log still has what the tree ends with. */
async function checkEnd(tree: MerkleTree, log: AuditTreeOptions["log"]) {
  const { size } = tree
  if (log.head() < size)
    throw new AuditContradiction(
      `The log ends at ${log.head()}, and had ${size} entries: its end was cut off, or it was replaced by an earlier one. ${REMEDY}`,
    )
  if (size === 0) return
  const after = Math.max(0, size - LOOKED_AT)
  const entries = await log.read({ after, before: size + 1, limit: LOOKED_AT })
  for (const [place, leaf] of (await leavesOf(entries, log)).entries())
    if ((await tree.leafAt(after + place)) !== leaf)
      throw new AuditContradiction(`Entry ${after + place + 1} of the log is not what it was. ${REMEDY}`)
}

async function checkHeads(tree: MerkleTree, signed: SignedCheckpoint | undefined, options: AuditTreeOptions) {
  const { witness, folder } = options
  if (signed) await checkHead(tree, signed.note, { ...options, where: `The checkpoint in ${folder}` })
  const seen = await witness?.last()
  if (seen !== undefined) await checkHead(tree, seen, atWitness(options))
}

/** One that was just named, or was away when the checkpoint was made, has it from now on. */
async function tellWitness(signed: SignedCheckpoint | undefined, { witness, ...options }: AuditTreeOptions) {
  const seen = await witness?.last()
  const seenSize = seen === undefined ? -1 : openOwn(seen, atWitness({ witness, ...options })).size
  if (signed && seenSize < signed.size) await witness?.append(signed.note)
}

function atWitness(options: AuditTreeOptions): CheckHeadOptions {
  return { ...options, where: `The witness ${options.witness?.path}` }
}

interface CheckHeadOptions extends AuditTreeOptions {
  readonly where: string
}

/** That the log is an extension of what was signed; the tree is brought as far as that. */
async function checkHead(tree: MerkleTree, note: string, { log, where, ...options }: CheckHeadOptions) {
  const { size, root } = openOwn(note, { ...options, where })
  if (log.head() < size)
    throw new AuditContradiction(`${where} has seen ${size} entries; the log ends at ${log.head()}. ${REMEDY}`)
  while (tree.size < size) await growTree(tree, log, { limit: LEAVES })
  if ((await tree.rootAt(size)) !== root)
    throw new AuditContradiction(
      `${where} has seen other entries among the first ${size} than the log has: one was changed, left out or put in. ${REMEDY}`,
    )
}

async function readCheckpoint(options: AuditTreeOptions): Promise<SignedCheckpoint | undefined> {
  const bytes = await diskFiles.read(join(options.folder, "checkpoint"))
  if (bytes === undefined) return undefined
  const note = Buffer.from(bytes).toString()
  return { ...openOwn(note, { ...options, where: `The checkpoint in ${options.folder}` }), note }
}

function openOwn(note: string, { signer, where }: Pick<CheckHeadOptions, "signer" | "where">): Checkpoint {
  try {
    return openCheckpoint(note, readVerifier(signer.vkey))
  } catch (error) {
    throw new AuditContradiction(
      `${where} is not signed by this log's key, ${signer.name}. Give the key back that signed it, or begin anew: move it away.`,
      { cause: error },
    )
  }
}

async function keepCheckpoint(folder: string, note: string) {
  const draft = join(folder, "checkpoint.new")
  await diskFiles.write(draft, Buffer.from(note))
  await diskFiles.rename(draft, join(folder, "checkpoint"))
  await diskFiles.syncFolder(folder)
}

const REMEDY = "See what happened before anything is granted again: docs/audit.md, When the audit says no."
