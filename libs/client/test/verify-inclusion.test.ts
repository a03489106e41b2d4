import { describe, expect, it } from "vitest"
import { verifyInclusion } from "../src/index.ts"
import { type InclusionCase, publicInclusions, wrongInclusions, wrongInclusionsInSmallLogs } from "./merkle-cases.ts"

const right = publicInclusions.filter(({ isWrong }) => !isWrong)
const wrong = [
  ...publicInclusions.filter(({ isWrong }) => isWrong),
  ...right.flatMap(wrongInclusions),
  ...wrongInclusionsInSmallLogs,
]

describe("a proof of inclusion", () => {
  it.each(right)("is believed: $what", async (proof) => {
    await verify(proof)
  })

  it.each(wrong)("is not believed: $what", async (proof) => {
    await expect(verify(proof)).rejects.toMatchObject({
      code: "inclusion-broken",
      message: expect.stringContaining(`${proof.index}`),
    })
  })

  it("is not believed for a node in the place of a leaf", async () => {
    // The root of two leaves, as the leaf of a tree of one that has the same root.
    const root = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    await verify({ what: "", leaf: root, index: 0, tree: { size: 1, root }, proof: [] })
    await expect(verify({ what: "", leaf: root, index: 0, tree: { size: 2, root }, proof: [] })).rejects.toThrow()
  })

  it("is not believed for a part of the tree that is called all of it", async () => {
    const [first, second] = [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    ]
    const root = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    await verify({ what: "", leaf: second, index: 1, tree: { size: 2, root }, proof: [first] })
    await expect(
      verify({ what: "", leaf: second, index: 0, tree: { size: 1, root }, proof: [first] }),
    ).rejects.toThrow()
  })

  it("holds for sizes beyond 32 bits", async () => {
    const first = right.find(({ tree, index }) => tree.size === 8 && index === 0)
    if (!first) throw new Error("The vector has it.")
    // Index and size are counted, not cut to 32 bits: 2^32 would else be 0, and 2^32 + 8 would be 8.
    for (const more of [2 ** 32, 2 ** 40]) {
      await expect(verify({ ...first, index: more })).rejects.toThrow()
      await expect(verify({ ...first, tree: { ...first.tree, size: more + 8 } })).rejects.toThrow()
    }
  })
})

function verify({ leaf, index, tree, proof }: InclusionCase) {
  return verifyInclusion(leaf, tree, { index, proof })
}
