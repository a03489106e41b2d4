import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { interruptible } from "./disk/interruptible.ts"
import { LoopDisk, whyNoLoopDisk } from "./disk/loop-disk.ts"
import { FullRound } from "./full/full-round.ts"
import { startOnFull } from "./full/start-on-full.ts"
import { countOf } from "./kill/journal.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

const FILLINGS = { short: 1, full: 50 }
const PER_SERVER = 10
const MEGABYTES = 32

/** The disk is full in the middle of turns: writes are refused, reads and agents go on, and with room so does all else. */
export async function proveDiskFull({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const reason = whyNoLoopDisk()
  if (reason !== undefined) {
    print(`Skipped: the disk-full proof needs root, loop devices and mkfs.ext4 (${reason}).`)
    return true
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "prove-full-")))
  const proof = new DiskFullProof(folder, new Random(seed))
  const prove = async () => {
    await proof.run(count ?? (isFull ? FILLINGS.full : FILLINGS.short), print)
    for (const problem of proof.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(proof.figures())
    if (proof.problems.length > 0) print(`Again: pnpm prove disk-full --seed ${seed}`)
    return proof.problems.length === 0
  }
  return interruptible(prove, () => {
    proof.endNow()
    rmSync(folder, { recursive: true, force: true })
  })
}

class DiskFullProof {
  readonly problems: string[] = []
  readonly #folder: string
  readonly #random: Random
  #disk: LoopDisk | undefined
  #round: FullRound | undefined
  #fillings = 0
  #starts = 0
  #acknowledged = 0
  #refused = 0
  #ended = 0

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  async run(fillings: number, print: ProofOptions["print"]) {
    while (this.#fillings < fillings) {
      await this.#onOneDisk(Math.min(PER_SERVER, fillings - this.#fillings))
      if (this.#fillings < fillings) print(`… ${this.#fillings} of ${fillings}, ${this.problems.length} problems`)
    }
  }

  figures() {
    return [
      `A disk filled ${this.#fillings} times in the middle of turns, and ${this.#starts} starts on a full one (seed ${this.#random.seed}).`,
      `${this.#acknowledged} writes acknowledged, ${this.#refused} refused with a problem that says what to do, ${this.#ended} turns ended with all that their agents said.`,
      `${this.problems.length} problems: writes lost, refusals that do not help, reads refused, health that is wrong, agents lost, turns cut, gaps, service that does not come back.`,
    ].join("\n")
  }

  /** At once, whatever runs. */
  endNow() {
    this.#round?.server.killAll()
    this.#disk?.close()
    this.#round = undefined
    this.#disk = undefined
  }

  async #onOneDisk(fillings: number) {
    const folder = join(this.#folder, String(this.#starts))
    const work = join(folder, "work")
    mkdirSync(work, { recursive: true })
    const disk = LoopDisk.make(join(folder, "image"), { folder: join(folder, "disk"), megabytes: MEGABYTES })
    this.#disk = disk
    this.problems.push(...(await startOnFull(disk, "first")))
    this.#starts += 1
    const round = new FullRound({ disk, work, random: this.#random })
    this.#round = round
    await round.start()
    for (let filling = 0; filling < fillings; filling++) {
      await round.fill()
      this.#fillings += 1
    }
    await round.end()
    this.problems.push(...round.problems)
    this.#acknowledged += countOf(round.journal)
    this.#refused += round.refused
    this.#ended += round.ended
    this.endNow()
    rmSync(folder, { recursive: true, force: true })
  }
}
