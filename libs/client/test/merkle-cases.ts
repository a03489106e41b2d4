import { readFileSync } from "node:fs"
import type { TreeHead } from "../src/index.ts"

export interface InclusionCase {
  readonly what: string
  readonly leaf: string
  readonly index: number
  readonly tree: TreeHead
  readonly proof: readonly string[]
}

export interface ConsistencyCase {
  readonly what: string
  readonly older: TreeHead
  readonly newer: TreeHead
  readonly proof: readonly string[]
}

interface PublicCase {
  readonly file: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const vector = JSON.parse(readFileSync(new URL("fixtures/merkle-vector.json", import.meta.url), "utf8")) as {
  inclusion: (PublicCase & { leafIdx: number; treeSize: number; root: string; leafHash: string })[]
  consistency: (PublicCase & { size1: number; size2: number; root1: string; root2: string })[]
}

/** As they stand in the public files, which write hashes in base64. */
export const publicInclusions = vector.inclusion.map(({ file, leafIdx, treeSize, root, leafHash, proof, wantErr }) => ({
  what: file,
  leaf: toHex(leafHash),
  index: leafIdx,
  tree: { size: treeSize, root: toHex(root) },
  proof: (proof ?? []).map(toHex),
  isWrong: wantErr,
}))

export const publicConsistencies = vector.consistency.map(({ file, size1, size2, root1, root2, proof, wantErr }) => ({
  what: file,
  older: { size: size1, root: toHex(root1) },
  newer: { size: size2, root: toHex(root2) },
  proof: (proof ?? []).map(toHex),
  isWrong: wantErr,
}))

const emptyRoot = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
const someHash = "abacaba000000000000000000000000000000000000000000060061e00123456"
const noHash = "57726f6e67"

/** The public cases of `testdata/inclusion/additional` and `single-entry`: logs of no and one entry, and what is in none. */
export const wrongInclusionsInSmallLogs: readonly InclusionCase[] = [
  ...[
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 1],
  ].flatMap(([index = 0, size = 0]) => [
    { what: `${index} of ${size}, no root`, leaf: someHash, index, tree: { size, root: "" }, proof: [] },
    { what: `${index} of ${size}, no leaf`, leaf: "", index, tree: { size, root: emptyRoot }, proof: [] },
    { what: `${index} of ${size}, another`, leaf: someHash, index, tree: { size, root: emptyRoot }, proof: [] },
  ]),
  { what: "one entry, no leaf", leaf: "", index: 0, tree: { size: 1, root: someHash }, proof: [] },
  { what: "one entry, no root", leaf: someHash, index: 0, tree: { size: 1, root: "" }, proof: [] },
  { what: "one entry, neither", leaf: "", index: 0, tree: { size: 1, root: "" }, proof: [] },
]

/** Those of `testdata/consistency/additional` that are wrong: roots that are none, and sizes that need no proof, or have none. */
export const wrongConsistenciesInSmallLogs: readonly ConsistencyCase[] = [
  ...["", ...["1", "2"].map((digit) => Buffer.from(`don't care ${digit}`).toString("hex"))].flatMap((root) =>
    [0, 1].map((size) => ({
      what: `${size} and ${size}, another root than ${root}`,
      older: { size, root },
      newer: { size, root: someHash },
      proof: [],
    })),
  ),
  ...[0, 1].map((size) => ({
    what: `${size} and ${size}, the same root, and a proof`,
    older: { size, root: emptyRoot },
    newer: { size, root: emptyRoot },
    proof: [emptyRoot],
  })),
  ...[
    [1, 0],
    [2, 1],
    [1, 2],
    [0, 1],
  ].map(([before = 0, after = 0]) => ({
    what: `from ${before} to ${after}`,
    older: { size: before, root: before === 0 ? someHash : emptyRoot },
    newer: { size: after, root: someHash },
    proof: [],
  })),
  {
    what: "from 0 to 1, with a proof",
    older: { size: 0, root: emptyRoot },
    newer: { size: 1, root: emptyRoot },
    proof: [emptyRoot],
  },
]

/** What must not be believed, made of a true proof: all the ways in which the public cases are wrong, and some more. */
export function wrongInclusions(right: InclusionCase): InclusionCase[] {
  const { what, leaf, index, tree, proof } = right
  const { size, root } = tree
  const changes: Record<string, Partial<InclusionCase>> = {
    "index - 1": { index: index - 1 },
    "index + 1": { index: index + 1 },
    "index xor 2": { index: index ^ 2 },
    "index is the size": { index: size },
    "half an index": { index: index + 0.5 },
    "size * 2": { tree: { size: size * 2, root } },
    "size / 2": { tree: { size: Math.floor(size / 2), root } },
    "no size": { tree: { size: Number.NaN, root } },
    "wrong leaf": { leaf: noHash },
    "another leaf": { leaf: someHash },
    "leaf in capitals": { leaf: leaf.toUpperCase() },
    "root of nothing": { tree: { size, root: emptyRoot } },
    "another root": { tree: { size, root: someHash } },
    "empty root": { tree: { size, root: "" } },
    "garbage at the end": { proof: [...proof, ""] },
    "root at the end": { proof: [...proof, root] },
    "garbage in front": { proof: ["", ...proof] },
    "root in front": { proof: [root, ...proof] },
    ...Object.fromEntries(
      proof.map((_, place) => [`bit of proof[${place}]`, { proof: proof.with(place, flip(proof[place] ?? "", 3)) }]),
    ),
    ...(proof.length > 0 && {
      "last one removed": { proof: proof.slice(0, -1) },
      "first one removed": { proof: proof.slice(1) },
      "all removed": { proof: [] },
      "garbage in the middle": { proof: proof.with(-1, noHash) },
    }),
    ...(proof.length > 1 && {
      "one put in": { proof: proof.toSpliced(1, 0, someHash) },
      "other way round": { proof: proof.toReversed() },
    }),
  }
  return Object.entries(changes).map(([change, wrong]) => ({ ...right, ...wrong, what: `${what}: ${change}` }))
}

export function wrongConsistencies(right: ConsistencyCase): ConsistencyCase[] {
  const { what, older, newer, proof } = right
  const [first = someHash] = proof
  const isSame = older.size === newer.size
  const changes: Record<string, Partial<ConsistencyCase>> = {
    "older size - 1": { older: { ...older, size: older.size - 1 } },
    "older size + 1": { older: { ...older, size: older.size + 1 } },
    "older size xor 2": { older: { ...older, size: older.size ^ 2 } },
    "newer size * 2": { newer: { ...newer, size: newer.size * 2 } },
    "newer size / 2": { newer: { ...newer, size: Math.floor(newer.size / 2) } },
    "half a size": { older: { ...older, size: older.size - 0.5 } },
    "older root is none": { older: { ...older, root: noHash } },
    "newer root is none": { newer: { ...newer, root: noHash } },
    "another older root": { older: { ...older, root: someHash } },
    "another newer root": { newer: { ...newer, root: someHash } },
    "garbage at the end": { proof: [...proof, ""] },
    "older root at the end": { proof: [...proof, older.root] },
    "newer root at the end": { proof: [...proof, newer.root] },
    "garbage in front": { proof: ["", ...proof] },
    "older root in front": { proof: [older.root, ...proof] },
    "newer root in front": { proof: [newer.root, ...proof] },
    "first one twice": { proof: [first, ...proof] },
    ...(!isSame && {
      "roots swapped": { older: { ...older, root: newer.root }, newer: { ...newer, root: older.root } },
      "heads swapped": { older: newer, newer: older },
      "no proof": { proof: [] },
      "last one removed": { proof: proof.slice(0, -1) },
      "first one removed": { proof: proof.slice(1) },
    }),
    ...(proof.length > 1 && { "other way round": { proof: proof.toReversed() } }),
    ...Object.fromEntries(
      proof.map((_, place) => [`bit of proof[${place}]`, { proof: proof.with(place, flip(proof[place] ?? "", 4)) }]),
    ),
  }
  return Object.entries(changes).map(([change, wrong]) => ({ ...right, ...wrong, what: `${what}: ${change}` }))
}

function flip(hash: string, bit: number) {
  const bytes = Buffer.from(hash, "hex")
  bytes[0] = (bytes[0] ?? 0) ^ (1 << bit)
  return bytes.toString("hex")
}

function toHex(base64: string) {
  return Buffer.from(base64, "base64").toString("hex")
}
