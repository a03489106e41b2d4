import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import {
  createFolderTiles,
  createMemoryTiles,
  diskFiles,
  loadMerkleTree,
  type MerkleTree,
  type TileFiles,
} from "@aegis/event-log/merkle"
import type { Random } from "../random.ts"
import { leavesOf } from "./all-proofs.ts"

const program = fileURLToPath(new URL("tiles-program.ts", import.meta.url))
const LEAVES = 1100
/** Full tiles come and go between these, on two levels. */
const BATCHES = [1, 200, 55, 1, 300, 256, 287]

/** A folder of tiles whose process dies: what was acknowledged is there, and the tree goes on to the same roots. */
export class KilledTiles {
  readonly problems: string[] = []
  stops = 0
  kills = 0
  #unfinished = 0
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "prove-audit-")))
  readonly #leaves = leavesOf(LEAVES)

  get figures() {
    return `${this.stops} disks that stopped at one operation after another with half a file written, ${this.kills} processes killed with -9; ${this.#unfinished} times an append was cut off`
  }

  close() {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The disk stops at its n-th operation, for each n until the tree is whole. */
  async stopEach(every: number, print: (line: string) => void) {
    const wanted = await this.#wantedTree()
    for (let stop = 0; ; stop += every) {
      const folder = this.#freshFolder()
      const acknowledged = await this.#appendUntilStop(folder, stop)
      await this.#judge(`stopped at operation ${stop}`, { folder, acknowledged, wanted })
      if (acknowledged === LEAVES) return
      this.stops += 1
      if (this.stops % 50 === 0) print(`… stopped at ${stop} operations, ${this.problems.length} problems`)
    }
  }

  /** A process is killed with -9 at a random moment, again and again over the same folder. */
  async killOften(times: number, random: Random) {
    const wanted = await this.#wantedTree()
    let folder = this.#freshFolder()
    for (let time = 0; time < times; time += 1) {
      const acknowledged = await this.#killChild(folder, random)
      this.kills += 1
      const size = await this.#judge(`kill ${time}`, { folder, acknowledged, wanted, isLeftAsItIs: true })
      if (size === LEAVES) folder = this.#freshFolder()
    }
  }

  async #appendUntilStop(folder: string, stop: number) {
    let acknowledged = 0
    try {
      const tree = await loadMerkleTree(createFolderTiles(folder, { files: stopAfter(stop) }))
      for (const count of BATCHES) {
        await tree.append(this.#leaves.slice(tree.size, tree.size + count))
        acknowledged = tree.size
      }
    } catch {
      // The process is dead here; what is left of it is judged.
    }
    return acknowledged
  }

  async #killChild(folder: string, random: Random) {
    const child = spawn(
      process.execPath,
      ["--conditions=@aegis/source", "--disable-warning=ExperimentalWarning", program, folder, String(LEAVES), "7"],
      { stdio: ["ignore", "pipe", "inherit"] },
    )
    const isOver = once(child, "close")
    let acknowledged = 0
    const wanted = random.between(1, 12)
    let lines = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line)
      lines += 1
      // After an answer and a random while: in the middle of the next append, wherever that is.
      if (lines === wanted) setTimeout(() => child.kill("SIGKILL"), random.next() * 8)
    }
    await isOver
    return acknowledged
  }

  async #judge(what: string, { folder, acknowledged, wanted, isLeftAsItIs = false }: Judged) {
    try {
      const tree = await loadMerkleTree(createFolderTiles(folder))
      const { size } = tree
      if (size < acknowledged) this.problems.push(`${what}: ${acknowledged} were acknowledged, and ${size} are there`)
      if (size > acknowledged || acknowledged < LEAVES) this.#unfinished += 1
      await this.#compare(what, tree, wanted)
      if (isLeftAsItIs) return size
      await tree.append(this.#leaves.slice(size))
      await this.#compare(`${what}, gone on`, await loadMerkleTree(createFolderTiles(folder)), wanted)
      return size
    } catch (error) {
      this.problems.push(`${what}: ${String(error)}`)
      return LEAVES
    }
  }

  /** Every root up to its size, and proofs from both its ends. */
  async #compare(what: string, tree: MerkleTree, wanted: MerkleTree) {
    for (let size = 0; size <= tree.size; size += 1)
      if ((await tree.rootAt(size)) !== (await wanted.rootAt(size)))
        this.problems.push(`${what}: another root at ${size}`)
    for (const index of tree.size === 0 ? [] : [0, tree.size - 1])
      if (String(await tree.inclusionProof(index, tree.size)) !== String(await wanted.inclusionProof(index, tree.size)))
        this.problems.push(`${what}: another proof of ${index}`)
  }

  async #wantedTree() {
    const tree = await loadMerkleTree(createMemoryTiles())
    await tree.append(this.#leaves)
    return tree
  }

  #freshFolder() {
    const folder = join(this.#folder, "tree")
    rmSync(folder, { recursive: true, force: true })
    return folder
  }
}

interface Judged {
  readonly folder: string
  readonly acknowledged: number
  readonly wanted: MerkleTree
  /** The next kill finds what this one left. */
  readonly isLeftAsItIs?: boolean
}

/** A disk that does so many operations and then none; the write it stops at leaves half of its bytes. */
function stopAfter(operations: number): TileFiles {
  let left = operations
  const mayRun = () => {
    left -= 1
    return left >= 0
  }
  const stopping =
    <A extends readonly unknown[]>(run: (...all: A) => Promise<void>) =>
    async (...all: A) => {
      if (!mayRun()) throw new Error("stopped")
      await run(...all)
    }
  return {
    read: diskFiles.read,
    async write(path, bytes) {
      if (mayRun()) return diskFiles.write(path, bytes)
      if (left === -1) writeFileSync(path, bytes.subarray(0, bytes.length / 2))
      throw new Error("stopped")
    },
    rename: stopping(diskFiles.rename),
    makeFolder: stopping(diskFiles.makeFolder),
    syncFolder: stopping(diskFiles.syncFolder),
    remove: stopping(diskFiles.remove),
  }
}
