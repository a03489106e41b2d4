import { EMPTY_HASH, leafOf, verifyCheckpoint, verifyHistory, verifyInclusion } from "@aegis/client"
import { EventLogError } from "@aegis/event-log"
import { createMemoryTiles, loadMerkleTree, type TileStore } from "@aegis/event-log/merkle"
import type { ProofOptions } from "../prove.ts"
import type { Random } from "../random.ts"
import { refused } from "./audit-copy.ts"
import type { KeptLog } from "./kept-log.ts"

export interface FlipOptions {
  readonly vkey: string
  readonly random: Random
  /** Of so many bits one is flipped; 1: each. */
  readonly every: number
  readonly print: ProofOptions["print"]
}

/** Of so many leaves that a flip has changed, one is also asked for with its whole proof; the others by their hash. */
const WHOLE_PROOF_EVERY = 16
const PROGRESS_EVERY = 250_000

/** I1: single bits of the entries, of their leaves' hashes, of the tree's tiles and of the checkpoint are flipped. */
export class FlippedBits {
  readonly problems: string[] = []
  readonly counts = { entries: 0, leaves: 0, tiles: 0, checkpoint: 0 }
  readonly #log: KeptLog
  readonly #options: FlipOptions

  constructor(log: KeptLog, options: FlipOptions) {
    this.#log = log
    this.#options = options
  }

  async run() {
    await this.#flipCheckpoint()
    await this.#flipEntries()
    await this.#flipTiles()
  }

  async #flipCheckpoint() {
    const { checkpoint } = this.#log
    for (const { bytes, bit } of this.#flips(Buffer.from(checkpoint))) {
      this.counts.checkpoint += 1
      const finding = await refused(verifyCheckpoint(bytes.toString(), this.#options.vkey), { where: "checkpoint" })
      if (!finding) this.problems.push(`bit ${bit} of the checkpoint was flipped, and it was believed`)
    }
  }

  async #flipEntries() {
    const { texts, salt, tree } = this.#log
    const head = await verifyCheckpoint(this.#log.checkpoint, this.#options.vkey)
    let from = EMPTY_HASH
    for (const [index, text] of texts.entries()) {
      const proof = await tree.inclusionProof(index, head.size)
      const leaf = await leafOf(text, salt)
      await verifyInclusion(leaf, head, { index, proof })
      const verify = (wrong: string) => verifyInclusion(wrong, head, { index, proof })
      await this.#flipEntry({ text, index, leaf, from, verify })
      await this.#flipLeaf({ text, index, leaf, from, verify })
      from = await verifyHistory([text], salt, { from })
    }
  }

  async #flipEntry({ text, index, leaf, from, verify }: Entry) {
    const { salt } = this.#log
    for (const { bytes, bit } of this.#flips(Buffer.from(text))) {
      this.#count("entries")
      const wrong = bytes.toString()
      const flipped = await leafOf(wrong, salt).catch(() => "no event")
      // The leaf is another one, and with it its proof is false; or it is the rolling hash that was flipped.
      const isSampled = this.counts.entries % WHOLE_PROOF_EVERY === 0
      const check = flipped === leaf ? verifyHistory([wrong], salt, { from }) : isSampled ? verify(flipped) : undefined
      if (check && !(await refused(check, { where: "entry", index })))
        this.problems.push(`bit ${bit} of entry ${index} was flipped, and it was believed`)
    }
  }

  /** As the log shows it to who has not the entry's salt. */
  async #flipLeaf({ index, leaf, verify }: Entry) {
    for (const { bytes, bit } of this.#flips(Buffer.from(leaf, "hex"))) {
      this.#count("leaves")
      const isNamed = await verify(bytes.toString("hex")).then(
        () => false,
        (error: unknown) => String(error).includes(`Index ${index} `),
      )
      if (!isNamed) this.problems.push(`bit ${bit} of leaf ${index} was flipped, and it was believed or not named`)
    }
  }

  /** The keeper's own tiles: one bit of each byte. */
  async #flipTiles() {
    const kept = createMemoryTiles()
    const names: Parameters<TileStore["read"]>[0][] = []
    const write: TileStore["write"] = (tiles, head) => {
      names.push(...tiles)
      return kept.write(tiles, head)
    }
    const leaves = await Promise.all(this.#log.texts.map((text) => leafOf(text, this.#log.salt)))
    await (await loadMerkleTree({ ...kept, write })).append(leaves)
    for (const { level, index, width } of names) {
      const bytes = Buffer.from((await kept.read({ level, index, width })) ?? [])
      for (let place = 0; place < bytes.length; place += this.#options.every) {
        this.#count("tiles")
        const flipped = bytes.with(place, (bytes[place] ?? 0) ^ (1 << this.#options.random.between(0, 7)))
        const read: TileStore["read"] = async (name) =>
          name.level === level && name.index === index && name.width === width ? flipped : kept.read(name)
        const first = level === 0 ? index * 256 : 0
        if (!(await isFound({ ...kept, read }, { first, size: leaves.length })))
          this.problems.push(`byte ${place} of tile ${index} of level ${level} was changed, and a proof was made of it`)
      }
    }
  }

  #count(what: keyof FlippedBits["counts"]) {
    this.counts[what] += 1
    const all = Object.values(this.counts).reduce((sum, count) => sum + count, 0)
    if (all % PROGRESS_EVERY === 0) this.#options.print(`… ${all} bits flipped, ${this.problems.length} problems`)
  }

  *#flips(bytes: Buffer) {
    const { every, random } = this.#options
    for (let bit = every === 1 ? 0 : random.between(0, every - 1); bit < bytes.length * 8; bit += every) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      yield { bytes: flipped, bit }
    }
  }
}

interface Entry {
  readonly text: string
  readonly index: number
  readonly leaf: string
  readonly from: string
  verify(leaf: string): Promise<unknown>
}

async function isFound(tiles: TileStore, { first, size }: { readonly first: number; readonly size: number }) {
  try {
    await (await loadMerkleTree(tiles)).inclusionProof(first, size)
    return false
  } catch (error) {
    if (EventLogError.is(error) && error.code === "tree-damaged") return true
    throw error
  }
}
