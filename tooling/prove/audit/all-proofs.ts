import { hash } from "node:crypto"
import { verifyConsistency, verifyInclusion } from "@aegis/client"
import { createMemoryTiles, loadMerkleTree, type MerkleTree } from "@aegis/event-log/merkle"
import type { ProofOptions } from "../prove.ts"
import type { Random } from "../random.ts"

/** I3: proofs of the tree, verified by the client, which has no code in common with it. */
export class AllProofs {
  readonly problems: string[] = []
  readonly made: number[] = []
  readonly verified: number[] = []
  pairs = 0
  longest = 0

  /** Of every size up to this one: each entry, and each earlier size. */
  async provePairs(most: number, print: ProofOptions["print"]) {
    const leaves = leavesOf(most)
    const tree = await treeOf(leaves)
    const roots = await Promise.all(Array.from({ length: most + 1 }, (_, size) => tree.rootAt(size)))
    const head = (size: number) => ({ size, root: roots[size] ?? "" })
    for (let size = 1; size <= most; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = await tree.inclusionProof(index, size)
        await this.#judge(`inclusion of ${index} in ${size}`, proof, size, () =>
          verifyInclusion(leaves[index] ?? "", head(size), { index, proof }),
        )
        // The same proof says nothing of another entry.
        if (size > 1 && index % 16 === 0)
          await this.#refuse(`inclusion of another entry at ${index} in ${size}`, () =>
            verifyInclusion(leaves[(index + 1) % size] ?? "", head(size), { index, proof }),
          )
      }
      for (let from = 0; from <= size; from += 1) {
        const proof = await tree.consistencyProof(from, size)
        await this.#judge(`consistency of ${from} with ${size}`, proof, size, () =>
          verifyConsistency(head(from), head(size), { proof }),
        )
        if (from > 0 && from < size && from % 16 === 0)
          await this.#refuse(`consistency of another root at ${from} with ${size}`, () =>
            verifyConsistency({ size: from, root: roots[from - 1] ?? "" }, head(size), { proof }),
          )
      }
      if (size % 128 === 0) print(`… all pairs up to ${size}: ${this.pairs} proofs, ${this.problems.length} problems`)
    }
  }

  /** Of a large tree: random entries and sizes. Verified when all are made, for whoever verifies is another program. */
  async proveRandom(size: number, { times, random }: { readonly times: number; readonly random: Random }) {
    const tree = await treeOf(leavesOf(size))
    const made: (() => Promise<void>)[] = []
    for (let time = 0; time < times; time += 1) {
      const to = time % 2 === 0 ? size : random.between(1, size)
      const newer = { size: to, root: await tree.rootAt(to) }
      const index = random.between(0, to - 1)
      const inclusion = await this.#timed(this.made, () => tree.inclusionProof(index, to))
      made.push(() =>
        this.#judge(`inclusion of ${index} in ${to}`, inclusion, to, () =>
          this.#timed(this.verified, () => verifyInclusion(leafAt(index), newer, { index, proof: inclusion })),
        ),
      )
      const from = random.between(0, to)
      const older = { size: from, root: await tree.rootAt(from) }
      const proof = await this.#timed(this.made, () => tree.consistencyProof(from, to))
      made.push(() =>
        this.#judge(`consistency of ${from} with ${to}`, proof, to, () =>
          this.#timed(this.verified, () => verifyConsistency(older, newer, { proof })),
        ),
      )
    }
    for (const verify of made) await verify()
  }

  async #judge(what: string, proof: readonly string[], size: number, verify: () => Promise<unknown>) {
    this.pairs += 1
    this.longest = Math.max(this.longest, proof.length)
    if (proof.length > Math.ceil(Math.log2(size)) + 1) this.problems.push(`${what}: ${proof.length} hashes`)
    await verify().catch((error: unknown) => this.problems.push(`${what}: ${String(error)}`))
  }

  async #refuse(what: string, verify: () => Promise<unknown>) {
    const isBelieved = await verify().then(
      () => true,
      () => false,
    )
    if (isBelieved) this.problems.push(`${what} was believed`)
  }

  async #timed<T>(times: number[], run: () => Promise<T>) {
    const began = performance.now()
    const result = await run()
    times.push(performance.now() - began)
    return result
  }
}

export function leavesOf(count: number) {
  return Array.from({ length: count }, (_, index) => leafAt(index))
}

function leafAt(index: number) {
  return hash("sha256", `\0entry ${index}`)
}

async function treeOf(leaves: readonly string[]): Promise<MerkleTree> {
  const tree = await loadMerkleTree(createMemoryTiles())
  await tree.append(leaves)
  return tree
}
