import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { interruptible } from "./disk/interruptible.ts"
import { whyNoLoopDisk } from "./disk/loop-disk.ts"
import { type ImageResult, PowerRound, type PowerRoundOptions } from "./power/power-round.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

const IMAGES = { short: 2, full: 200 }
/** So many moments of one server; the next one gets a disk of its own. */
const PER_SERVER = 10
/** Where a commit is not synced, one of so many images has lost something, or the proof can find nothing. */
const CONTROL_IMAGES = 5
const normalLog = new URL("power/normal-log.ts", import.meta.url).href

/**
 * The power goes at random moments under load: what the disk holds then has all that was acknowledged. The same with a log
 * that does not sync its commits must lose something.
 */
export async function provePower({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const reason = whyNoLoopDisk()
  if (reason !== undefined) {
    print(`Skipped: the power proof needs root, loop devices and mkfs.ext4 (${reason}).`)
    return true
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "prove-power-")))
  const proof = new PowerProof(folder, new Random(seed))
  const prove = async () => {
    await proof.run(count ?? (isFull ? IMAGES.full : IMAGES.short), print)
    await proof.runControl()
    for (const problem of proof.problems.slice(0, 50)) print(`✗ ${problem}`)
    print(proof.figures())
    if (proof.problems.length > 0) print(`Again: pnpm prove power --seed ${seed}`)
    return proof.problems.length === 0
  }
  return interruptible(prove, () => {
    proof.endNow()
    rmSync(folder, { recursive: true, force: true })
  })
}

class PowerProof {
  readonly problems: string[] = []
  readonly #folder: string
  readonly #random: Random
  readonly #results: ImageResult[] = []
  readonly #control: ImageResult[] = []
  #servers = 0
  #round: PowerRound | undefined

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  async run(images: number, print: ProofOptions["print"]) {
    while (this.#results.length < images) {
      await this.#onOneServer({}, async (round) => {
        for (let cut = 0; cut < PER_SERVER && this.#results.length < images; cut++) {
          const result = await round.cut()
          this.#results.push(result)
          this.problems.push(...result.problems.map((problem) => `image ${this.#results.length}: ${problem}`))
        }
      })
      if (this.#results.length < images)
        print(`… ${this.#results.length} of ${images}, ${this.problems.length} problems`)
    }
  }

  /** The same without the syncs. */
  async runControl() {
    await this.#onOneServer({ preload: normalLog }, async (round) => {
      while (this.#control.length < CONTROL_IMAGES && !this.#hasLost()) this.#control.push(await round.cut())
    })
    if (!this.#hasLost())
      this.problems.push(`control: a log that is not synced lost nothing in ${this.#control.length} images`)
  }

  figures() {
    const sum = (key: "acknowledged" | "seen") => this.#results.reduce((total, result) => total + result[key], 0)
    const lost = this.#control.at(-1)?.problems.length ?? 0
    return [
      `${this.#results.length} images of the disks of ${this.#servers - 1} servers (seed ${this.#random.seed}): ${sum("acknowledged")} acknowledged writes and ${sum("seen")} read events looked for.`,
      `From a start on such a disk to the first answer: at most ${Math.round(Math.max(0, ...this.#results.map(({ startMs }) => startMs)))} ms.`,
      `Control: with synchronous=NORMAL image ${this.#control.length} has lost ${lost} of ${(this.#control.at(-1)?.acknowledged ?? 0) + (this.#control.at(-1)?.seen ?? 0)}.`,
      `${this.problems.length} problems: writes lost, events gone or others, gaps, histories broken, databases damaged, starts refused.`,
    ].join("\n")
  }

  /** At once, whatever runs. */
  endNow() {
    this.#round?.endNow()
    this.#round = undefined
  }

  async #onOneServer(options: Pick<PowerRoundOptions, "preload">, work: (round: PowerRound) => Promise<void>) {
    this.#servers += 1
    const folder = join(this.#folder, String(this.#servers))
    mkdirSync(folder)
    const round = new PowerRound({ folder, random: this.#random, ...options })
    this.#round = round
    await round.start()
    await work(round)
    await round.end()
    this.#round = undefined
    rmSync(folder, { recursive: true, force: true })
  }

  #hasLost() {
    return this.#control.some(({ problems }) => problems.length > 0)
  }
}
