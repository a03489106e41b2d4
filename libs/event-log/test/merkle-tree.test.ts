import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type EventLog, type LogEvent, openMemoryLog, type ReadOptions, splitEnvelope } from "../src/index.ts"
import {
  createMemoryTiles,
  dataHashOf,
  growTree,
  leafOf,
  loadMerkleTree,
  type TileName,
  type TileStore,
} from "../src/merkle.ts"
import { leavesOf, referencePath, referenceProof, referenceRoot } from "./reference-tree.ts"

interface PublicCase {
  readonly file: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const vector = JSON.parse(readFileSync(new URL("fixtures/merkle-vector.json", import.meta.url), "utf8")) as {
  leaves: string[]
  roots: string[]
  inclusion: (PublicCase & { leafIdx: number; treeSize: number; root: string; leafHash: string })[]
  consistency: (PublicCase & { size1: number; size2: number; root1: string; root2: string })[]
}
const publicLeaves = vector.leaves.map((input) =>
  createHash("sha256")
    .update(Buffer.concat([Buffer.of(0), Buffer.from(input, "hex")]))
    .digest("hex"),
)
const seed = Number(process.env.MERKLE_SEED ?? Math.floor(Math.random() * 1_000_000))

async function treeOf(leaves: readonly string[], tiles = createMemoryTiles()) {
  const tree = await loadMerkleTree(tiles)
  await tree.append(leaves)
  return tree
}

describe("the public values of RFC 6962 trees", () => {
  it("are this tree's roots, of every size", async () => {
    const tree = await treeOf(publicLeaves)
    expect(await Promise.all(vector.roots.map((_, size) => tree.rootAt(size)))).toEqual(vector.roots)
  })

  it.each(vector.inclusion.filter(({ wantErr }) => !wantErr))("are its proof in $file", async (known) => {
    const tree = await treeOf(publicLeaves)
    expect(publicLeaves[known.leafIdx]).toBe(toHex(known.leafHash))
    expect(await tree.rootAt(known.treeSize)).toBe(toHex(known.root))
    expect(await tree.inclusionProof(known.leafIdx, known.treeSize)).toEqual((known.proof ?? []).map(toHex))
  })

  it.each(vector.consistency.filter(({ wantErr }) => !wantErr))("are its proof in $file", async (known) => {
    const tree = await treeOf(publicLeaves)
    expect([await tree.rootAt(known.size1), await tree.rootAt(known.size2)]).toEqual(
      [known.root1, known.root2].map(toHex),
    )
    expect(await tree.consistencyProof(known.size1, known.size2)).toEqual((known.proof ?? []).map(toHex))
  })
})

it("a tree is not made over a hole in the log", async () => {
  const log = openMemoryLog()
  await log.append({ events: [1, 2, 3].map((data) => ({ stream: "s", event: { type: "noted", data } })) })
  const holed = {
    read: async (options: ReadOptions = {}) => (await log.read(options)).filter(({ seq }) => seq !== 2),
    streamHead: (stream: string) => log.streamHead(stream),
    head: () => log.head(),
  }
  const tree = await loadMerkleTree(createMemoryTiles())
  await expect(growTree(tree, holed)).rejects.toThrow("no entry 2")
  const saltless = {
    ...holed,
    read: (options: ReadOptions = {}) => log.read(options),
    streamHead: async () => undefined,
  }
  await expect(growTree(tree, saltless)).rejects.toThrow("not what they were hashed with")
  expect(tree.size).toBe(0)
})

describe("against the definition", () => {
  it("roots and proofs are the same for all pairs up to 64", async () => {
    const leaves = leavesOf(64)
    const tree = await treeOf(leaves)
    for (let size = 0; size <= leaves.length; size += 1) {
      const begin = leaves.slice(0, size)
      expect(await tree.rootAt(size)).toBe(referenceRoot(begin))
      for (let index = 0; index < size; index += 1)
        expect(await tree.inclusionProof(index, size)).toEqual(referencePath(index, begin))
      for (let from = 0; from <= size; from += 1)
        expect(await tree.consistencyProof(from, size)).toEqual(referenceProof(from, begin))
    }
  })

  it("they are the same however the leaves came, over several levels of tiles", async () => {
    const leaves = leavesOf(70_000)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (batches, first, second) => {
          const tree = await loadMerkleTree(createMemoryTiles())
          for (const count of batches) await tree.append(leaves.slice(tree.size, tree.size + count))
          const size = Math.max(1, Math.round(first * tree.size))
          const from = Math.round(second * size)
          const begin = leaves.slice(0, size)
          expect(await tree.rootAt(size)).toBe(referenceRoot(begin))
          expect(await tree.inclusionProof(Math.min(from, size - 1), size)).toEqual(
            referencePath(Math.min(from, size - 1), begin),
          )
          expect(await tree.consistencyProof(from, size)).toEqual(referenceProof(from, begin))
        },
      ),
      { seed, numRuns: 40 },
    )
    const tree = await treeOf(leaves)
    for (const size of [65_535, 65_536, 65_537, 70_000])
      expect(await tree.consistencyProof(256, size)).toEqual(referenceProof(256, leaves.slice(0, size)))
    expect(await tree.inclusionProof(65_600, 70_000)).toEqual(referencePath(65_600, leaves))
  })
})

describe("a tree of a log", () => {
  it("has each event's leaf at seq - 1, also when only its skeleton is left", async () => {
    const salt = "ab".repeat(16)
    const log: EventLog<LogEvent> = openMemoryLog()
    const events = ["one", "two", "three"].map((data) => ({ stream: "s", event: { type: "noted", data } }))
    await log.append({ events, streams: [{ stream: "s", salt }] })
    const parts = (await log.read()).map(({ json }) => splitEnvelope(json))
    const leaves = parts.map((part) => leafOf(part.head, dataHashOf(part, salt)))
    const skeletons = parts.map(({ head }, place) => `\0${head}"${dataHashOf(parts[place] ?? never(), salt)}"}`)
    expect(leaves).toEqual(skeletons.map((text) => createHash("sha256").update(text).digest("hex")))
    const tree = await treeOf(leaves)
    expect(await tree.rootAt(3)).toBe(referenceRoot(leaves))
  })
})

describe("appending", () => {
  it("several at once: they follow one another, and none is lost", async () => {
    const leaves = leavesOf(900)
    const tree = await loadMerkleTree(createMemoryTiles())
    await Promise.all([
      tree.append(leaves.slice(0, 300)),
      tree.append(leaves.slice(300, 301)),
      tree.append(leaves.slice(301)),
    ])
    expect(await tree.rootAt(900)).toBe(referenceRoot(leaves))
  })

  it("that fails leaves the tree as it was, and the next one goes on", async () => {
    const leaves = leavesOf(600)
    const tiles = createMemoryTiles()
    let isFull = false
    const write: TileStore["write"] = async (...all) => {
      if (isFull) throw new Error("no room")
      await tiles.write(...all)
    }
    const tree = await loadMerkleTree({ ...tiles, write })
    await tree.append(leaves.slice(0, 250))
    isFull = true
    await expect(tree.append(leaves.slice(250, 300))).rejects.toThrow("no room")
    expect([tree.size, await tree.rootAt(250)]).toEqual([250, referenceRoot(leaves.slice(0, 250))])
    isFull = false
    await tree.append(leaves.slice(250))
    expect(await tree.rootAt(600)).toBe(referenceRoot(leaves))
    expect(await (await loadMerkleTree(tiles)).rootAt(600)).toBe(referenceRoot(leaves))
  })

  it("nothing writes nothing, and a leaf that is no hash is refused", async () => {
    const tree = await treeOf([])
    expect([tree.size, await tree.rootAt(0)]).toEqual([0, vector.roots[0]])
    for (const leaf of ["", "00", "g".repeat(64), "0".repeat(65)])
      await expect(tree.append([leaf])).rejects.toMatchObject({ code: "event-invalid" })
  })

  it("changes no proof that is being made", async () => {
    const leaves = leavesOf(300)
    const tree = await treeOf(leaves.slice(0, 255))
    const [proof] = await Promise.all([tree.inclusionProof(3, 255), tree.append(leaves.slice(255))])
    expect(proof).toEqual(referencePath(3, leaves.slice(0, 255)))
  })
})

it.each([
  ["the root of a size that is not reached", (tree: Tree) => tree.rootAt(11)],
  ["a negative size", (tree: Tree) => tree.rootAt(-1)],
  ["half an entry", (tree: Tree) => tree.inclusionProof(0.5, 10)],
  ["an index beyond the size", (tree: Tree) => tree.inclusionProof(5, 5)],
  ["an index in a tree without entries", (tree: Tree) => tree.inclusionProof(0, 0)],
  ["the way from more to less", (tree: Tree) => tree.consistencyProof(6, 5)],
  ["the way to what is not there", (tree: Tree) => tree.consistencyProof(6, 11)],
])("%s is refused", async (_what, ask) => {
  await expect(ask(await treeOf(leavesOf(10)))).rejects.toMatchObject({ code: "proof-impossible" })
})

describe("a damaged tile", () => {
  it.each([
    ["a bit of a full one", { level: 0, index: 1, width: 256 }, flip],
    ["a bit of one that stands for others", { level: 1, index: 0, width: 256 }, flip],
    ["the end of one", { level: 0, index: 1, width: 256 }, (bytes: Uint8Array) => bytes.subarray(0, 255 * 32)],
    ["all of it", { level: 0, index: 1, width: 256 }, () => undefined],
  ])("%s is found before a proof is made of it, and named", async (_what, name, damage) => {
    const tiles = createMemoryTiles()
    await treeOf(leavesOf(66_000), tiles)
    const tree = await loadMerkleTree(damaged(tiles, name, damage))
    await expect(tree.inclusionProof(300, 66_000)).rejects.toMatchObject({
      code: "tree-damaged",
      message: expect.stringContaining(`tile/${name.level}/00${name.index} `),
    })
  })

  it("at the edge is found at once", async () => {
    const tiles = createMemoryTiles()
    await treeOf(leavesOf(300), tiles)
    for (const damage of [flip, () => undefined])
      await expect(loadMerkleTree(damaged(tiles, { level: 0, index: 1, width: 44 }, damage))).rejects.toMatchObject({
        code: "tree-damaged",
      })
  })

  it("elsewhere harms no other proof", async () => {
    const tiles = createMemoryTiles()
    const leaves = leavesOf(66_000)
    await treeOf(leaves, tiles)
    const tree = await loadMerkleTree(damaged(tiles, { level: 0, index: 1, width: 256 }, flip))
    expect(await tree.inclusionProof(65_999, 66_000)).toEqual(referencePath(65_999, leaves))
  })
})

it("a proof at a million reads two tiles, and has at most 21 hashes", async () => {
  const tiles = createMemoryTiles()
  await treeOf(leavesOf(1_000_000), tiles)
  const read: TileName[] = []
  const store: TileStore = {
    ...tiles,
    read: (name) => {
      read.push(name)
      return tiles.read(name)
    },
  }
  for (const index of [0, 3, 123_456, 999_000]) {
    const tree = await loadMerkleTree(store)
    read.length = 0
    expect((await tree.inclusionProof(index, 1_000_000)).length).toBeLessThanOrEqual(21)
    expect(read.length).toBeLessThanOrEqual(2)
    expect((await tree.consistencyProof(index, 1_000_000)).length).toBeLessThanOrEqual(21)
    expect(read.length).toBeLessThanOrEqual(4)
  }
})

type Tree = Awaited<ReturnType<typeof loadMerkleTree>>

function damaged(tiles: TileStore, name: TileName, damage: (bytes: Uint8Array) => Uint8Array | undefined): TileStore {
  const isIt = (tile: TileName) => tile.level === name.level && tile.index === name.index && tile.width === name.width
  return {
    ...tiles,
    read: async (tile) => {
      const bytes = (await tiles.read(tile)) ?? never()
      return isIt(tile) ? damage(bytes) : bytes
    },
  }
}

function flip(bytes: Uint8Array) {
  return bytes.with(40, (bytes[40] ?? 0) ^ 4)
}

function toHex(base64: string) {
  return Buffer.from(base64, "base64").toString("hex")
}

function never(): never {
  throw new Error("It is there.")
}
