import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createFolderTiles, diskFiles, loadMerkleTree, type TileFiles } from "../src/merkle.ts"
import { leavesOf, referencePath, referenceRoot } from "./reference-tree.ts"

let parent = ""
let folder = ""
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "tiles-"))
  folder = join(parent, "tree")
})
afterEach(() => rmSync(parent, { recursive: true }))

describe("a folder of tiles", () => {
  it("is laid out as C2SP tlog-tiles wants it, readable by the owner alone", async () => {
    const leaves = leavesOf(300)
    const tree = await loadMerkleTree(createFolderTiles(folder))
    await tree.append(leaves)
    const files = globSync("**", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
    expect(files.toSorted()).toEqual(["head", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
    expect(readFileSync(join(folder, "tile/0/001.p/44")).toString("hex")).toBe(leaves.slice(256).join(""))
    expect(readFileSync(join(folder, "tile/1/000.p/1")).toString("hex")).toBe(referenceRoot(leaves.slice(0, 256)))
    if (process.platform === "win32") return
    for (const path of globSync("**", { cwd: folder }))
      expect(statSync(join(folder, path)).mode & 0o777, path).toBe(files.includes(path) ? 0o600 : 0o700)
  })

  it("opened again has the same roots and proofs, and goes on", async () => {
    const leaves = leavesOf(1500)
    for (const end of [1, 255, 256, 257, 511, 512, 1000, 1500]) {
      const tree = await loadMerkleTree(createFolderTiles(folder))
      expect(await tree.rootAt(tree.size)).toBe(referenceRoot(leaves.slice(0, tree.size)))
      await tree.append(leaves.slice(tree.size, end))
    }
    const tree = await loadMerkleTree(createFolderTiles(folder))
    for (const size of [1, 200, 256, 700, 1500])
      expect(await tree.rootAt(size)).toBe(referenceRoot(leaves.slice(0, size)))
    expect(await tree.inclusionProof(260, 1500)).toEqual(referencePath(260, leaves))
  })

  it("forgets the parts of tiles that have become full", async () => {
    const leaves = leavesOf(257)
    const tree = await loadMerkleTree(createFolderTiles(folder))
    for (const leaf of leaves) await tree.append([leaf])
    expect(readdirSync(join(folder, "tile/0"))).toEqual(["000", "001.p"])
  })

  it("whose head was changed is not believed", async () => {
    await (await loadMerkleTree(createFolderTiles(folder))).append(leavesOf(300))
    const head = readFileSync(join(folder, "head"), "utf8")
    for (const text of ["", "300\n", head.replace("300", "299"), head.replace(/[0-9a-f]\n$/, "g\n"), `${head}x`]) {
      writeFileSync(join(folder, "head"), text)
      await expect(loadMerkleTree(createFolderTiles(folder))).rejects.toMatchObject({ code: "tree-damaged" })
    }
  })

  it.each([
    ["ENOSPC", "storage-full"],
    ["EIO", "storage-failed"],
  ])("on a disk that says %s refuses with %s", async (error, code) => {
    const write: TileFiles["write"] = async () => {
      throw Object.assign(new Error(error), { code: error })
    }
    const tree = await loadMerkleTree(createFolderTiles(folder, { files: { ...diskFiles, write } }))
    await expect(tree.append(leavesOf(1))).rejects.toMatchObject({ code, message: expect.stringContaining(folder) })
    expect(tree.size).toBe(0)
  })

  it("that cannot be read is not taken for an empty one", async () => {
    const read: TileFiles["read"] = async () => {
      throw Object.assign(new Error("EIO"), { code: "EIO" })
    }
    const tiles = createFolderTiles(folder, { files: { ...diskFiles, read } })
    await expect(loadMerkleTree(tiles)).rejects.toMatchObject({ code: "storage-failed" })
  })
})

describe("killed before any of its operations, with half a file written", () => {
  it("the folder has the tree before the append or after it, and goes on to the same root", async () => {
    const leaves = leavesOf(600)
    const wanted = referenceRoot(leaves)
    let operations = 0
    for (let stop = 0; ; stop += 1) {
      rmSync(folder, { recursive: true, force: true })
      const began = await loadMerkleTree(createFolderTiles(folder))
      await began.append(leaves.slice(0, 250))
      const dying = await loadMerkleTree(createFolderTiles(folder, { files: stopAfter(stop) }))
      const isDone = await dying.append(leaves.slice(250)).then(
        () => true,
        () => false,
      )
      const again = await loadMerkleTree(createFolderTiles(folder))
      expect([250, 600]).toContain(again.size)
      expect(await again.rootAt(250)).toBe(referenceRoot(leaves.slice(0, 250)))
      await again.append(leaves.slice(again.size))
      expect(await again.rootAt(600)).toBe(wanted)
      expect(await (await loadMerkleTree(createFolderTiles(folder))).rootAt(600)).toBe(wanted)
      if (isDone) break
      operations = stop + 1
    }
    // Of two full tiles, two parts and the head: what makes, writes, renames, syncs and removes.
    expect(operations).toBeGreaterThan(20)
  })

  it("what was acknowledged stays", async () => {
    const leaves = leavesOf(520)
    for (let stop = 0; stop < 120; stop += 7) {
      rmSync(folder, { recursive: true, force: true })
      const dying = await loadMerkleTree(createFolderTiles(folder, { files: stopAfter(stop) }))
      let acknowledged = 0
      while (dying.size < leaves.length) {
        const end = dying.size + 26
        const isDone = await dying.append(leaves.slice(dying.size, end)).then(
          () => true,
          () => false,
        )
        if (!isDone) break
        acknowledged = end
      }
      const again = await loadMerkleTree(createFolderTiles(folder))
      expect(again.size).toBeGreaterThanOrEqual(acknowledged)
      expect(await again.rootAt(acknowledged)).toBe(referenceRoot(leaves.slice(0, acknowledged)))
    }
  })
})

/** A disk that does so many operations and then no more; the write that it stops at leaves half of its bytes. */
function stopAfter(operations: number): TileFiles {
  let left = operations
  const counted =
    <A extends readonly unknown[]>(run: (...all: A) => Promise<void>, runHalf?: (...all: A) => void) =>
    async (...all: A) => {
      left -= 1
      if (left >= 0) return run(...all)
      if (left === -1) runHalf?.(...all)
      throw new Error("killed")
    }
  return {
    read: diskFiles.read,
    write: counted(diskFiles.write, (path, bytes) => writeFileSync(path, bytes.subarray(0, bytes.length / 2))),
    rename: counted(diskFiles.rename),
    makeFolder: counted(diskFiles.makeFolder),
    syncFolder: counted(diskFiles.syncFolder),
    remove: counted(diskFiles.remove),
  }
}
