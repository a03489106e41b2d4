import { expect, it, vi } from "vitest"
import { hashNode } from "../src/hash-node.ts"
import { createMemoryTiles, loadMerkleTree, type TileStore } from "../src/merkle.ts"
import { leavesOf } from "./reference-tree.ts"

vi.mock("../src/hash-node.ts", async (importOriginal) => {
  const real = await importOriginal<typeof import("../src/hash-node.ts")>()
  return { ...real, hashNode: vi.fn(real.hashNode) }
})

it("appending n leaves hashes n nodes and a few, in one batch or in many, and writes each full tile once", async () => {
  const leaves = leavesOf(3000)
  for (const [batch, mostEach] of [
    [3000, 20],
    [500, 20],
    [1, 20],
  ] as const) {
    const tiles = createMemoryTiles()
    let full = 0
    const write: TileStore["write"] = (written, head) => {
      full += written.filter(({ width }) => width === 256).length
      return tiles.write(written, head)
    }
    const tree = await loadMerkleTree({ ...tiles, write })
    vi.mocked(hashNode).mockClear()
    for (let start = 0; start < leaves.length; start += batch) await tree.append(leaves.slice(start, start + batch))
    // The root is made anew for each batch, of at most log2(n) subtrees that are there.
    const batches = leaves.length / batch
    expect(vi.mocked(hashNode).mock.calls.length).toBeLessThan(leaves.length + batches * mostEach)
    expect(full).toBe(Math.floor(3000 / 256))
  }
})
