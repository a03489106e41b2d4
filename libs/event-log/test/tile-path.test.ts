import { expect, it } from "vitest"
import { createMemoryTiles, loadMerkleTree, type TileStore } from "../src/merkle.ts"
import { toTilePath } from "../src/tile-path.ts"
import { leavesOf } from "./reference-tree.ts"

// The examples of C2SP tlog-tiles.

it.each([
  [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
  [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
  [{ level: 1, index: 999, width: 1 }, "tile/1/999.p/1"],
  [{ level: 2, index: 1000, width: 255 }, "tile/2/x001/000.p/255"],
])("%j lies at %s", (tile, path) => {
  expect(toTilePath(tile)).toBe(path)
})

it("a tree of 70,000 has the tiles that the specification counts", async () => {
  const written: string[] = []
  const tiles = createMemoryTiles()
  const write: TileStore["write"] = (all, head) => {
    written.push(...all.map(toTilePath))
    return tiles.write(all, head)
  }
  const tree = await loadMerkleTree({ ...tiles, write })
  await tree.append(leavesOf(70_000))
  const full = Array.from({ length: 273 }, (_, index) => `tile/0/${String(index).padStart(3, "0")}`)
  expect(written.toSorted()).toEqual(
    [...full, "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"].toSorted(),
  )
})
