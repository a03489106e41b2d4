import { describe, expect, it } from "vitest"
import { verifyConsistency } from "../src/index.ts"
import {
  type ConsistencyCase,
  publicConsistencies,
  wrongConsistencies,
  wrongConsistenciesInSmallLogs,
} from "./merkle-cases.ts"

const emptyRoot = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
const right = publicConsistencies.filter(({ isWrong }) => !isWrong)
const wrong = [
  ...publicConsistencies.filter(({ isWrong }) => isWrong),
  ...right.flatMap(wrongConsistencies),
  ...wrongConsistenciesInSmallLogs,
]
const [one] = right
const [root1 = "", root2 = ""] = ["1", "2"].map((digit) => digit.repeat(64))
const head = (size: number, root: string) => ({ size, root })

describe("a proof of consistency", () => {
  it.each(right)("is believed: $what", async (proof) => {
    await verify(proof)
  })

  it.each(wrong)("is not believed: $what", async (proof) => {
    await expect(verify(proof)).rejects.toMatchObject({ code: "consistency-broken" })
  })

  it.each([
    ["from nothing to nothing", head(0, emptyRoot), head(0, emptyRoot)],
    ["from nothing to anything", head(0, emptyRoot), head(1, root1)],
    ["from the same to the same", head(7, root1), head(7, root1)],
  ])("needs no hash %s", async (what, older, newer) => {
    await verify({ what, older, newer, proof: [] })
    await expect(verify({ what, older, newer, proof: [root1] })).rejects.toMatchObject({ code: "consistency-broken" })
  })

  it.each([
    ["nothing has another root than nothing", head(0, root1), head(0, root1)],
    ["what grew from nothing has another root before", head(0, root1), head(1, root1)],
    ["two roots at one size", head(1, root1), head(1, root2)],
    ["two roots at one larger size", head(9, root1), head(9, root2)],
    ["less than before", head(1, root1), head(0, emptyRoot)],
    ["a little less than before", head(2, root1), head(1, root2)],
    ["more, and no proof", head(1, root1), head(2, root2)],
  ])("is not believed: %s", async (what, older, newer) => {
    await expect(verify({ what, older, newer, proof: [] })).rejects.toMatchObject({ code: "consistency-broken" })
  })

  it("is not believed for a part of the tree that is called all of it", async () => {
    const proof = [
      "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
      "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    const root7 = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    const root8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    await verify({ what: "", older: head(7, root7), newer: head(8, root8), proof })
    // Of the right half alone the same proof would begin in the same way.
    await expect(verify({ what: "", older: head(3, root7), newer: head(4, root8), proof })).rejects.toThrow()
  })

  it("says which it is: cut off, or changed", async () => {
    await expect(verify({ what: "", older: head(9, root1), newer: head(5, root2), proof: [] })).rejects.toThrow(
      "cut off",
    )
    await expect(verify({ what: "", older: head(9, root1), newer: head(9, root2), proof: [] })).rejects.toThrow(
      "changed",
    )
    expect(one?.older.size).toBe(1)
  })
})

function verify({ older, newer, proof }: ConsistencyCase) {
  return verifyConsistency(older, newer, { proof })
}
