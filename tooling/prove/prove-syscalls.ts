import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { interruptible } from "./disk/interruptible.ts"
import { countOf } from "./kill/journal.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"
import { FaultRound } from "./syscalls/fault-round.ts"
import { failStart } from "./syscalls/start-round.ts"
import { type Fault, whyNoStrace } from "./syscalls/strace.ts"

const CALLS = { short: 4, full: 500 }
/** So many faults of one log; the next one begins anew. */
const PER_LOG = 20
/** For so many faults of a running server one of a start. */
const START_EVERY = 10
const kinds = [
  { call: "pwrite64", error: "ENOSPC", lasts: true },
  { call: "fsync", error: "EIO", lasts: false },
  { call: "pwrite64", error: "EIO", lasts: false },
  // Of the database itself: when pages are moved there, which happens while nobody waits.
  { call: "fsync", error: "EIO", lasts: false, file: "aegis.db" },
  { call: "fsync", error: "ENOSPC", lasts: false },
] as const
/** Pages are moved seldom: so many n of it are one. */
const MOVED_EVERY = 250

/** The n-th write or sync of the log's files fails: nothing is acknowledged that is not there, and nothing is damaged. */
export async function proveSyscalls({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const reason = whyNoStrace()
  if (reason !== undefined) {
    print(`Skipped: ${reason}.`)
    return true
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "prove-syscalls-")))
  const proof = new SyscallsProof(folder, new Random(seed))
  const prove = async () => {
    await proof.run(count ?? (isFull ? CALLS.full : CALLS.short), print)
    proof.tell(print)
    print(proof.figures())
    if (proof.problems.length > 0) print(`Again: pnpm prove syscalls --seed ${seed}`)
    return proof.problems.length === 0
  }
  return interruptible(prove, () => {
    proof.endNow()
    rmSync(folder, { recursive: true, force: true })
  })
}

class SyscallsProof {
  readonly problems: string[] = []
  readonly #folder: string
  readonly #random: Random
  #acknowledged = 0
  #refused = 0
  #stopped = 0
  #faults = 0
  #starts = 0
  #told = 0
  #server: ProvedServer | undefined

  constructor(folder: string, random: Random) {
    this.#folder = folder
    this.#random = random
  }

  /** Every n up to `calls`, each with one of the kinds; in short a few of them. */
  async run(calls: number, print: ProofOptions["print"]) {
    const turn = this.#random.between(0, kinds.length - 1)
    for (let first = 1; first <= calls; first += PER_LOG) {
      const faults = Array.from({ length: Math.min(PER_LOG, calls - first + 1) }, (_, index): Fault => {
        const nth = first + index
        const kind = kinds[(nth + turn) % kinds.length] ?? kinds[0]
        return { ...kind, nth: "file" in kind ? Math.ceil(nth / MOVED_EVERY) : nth }
      })
      await this.#failRunning(faults)
      // A start does not ask the disk so often: the n-th of its few calls.
      for (let nth = first; nth < first + faults.length; nth += START_EVERY)
        await this.#failStart({ ...startKind(turn + Math.ceil(nth / START_EVERY)), nth: Math.ceil(nth / START_EVERY) })
      if (first + PER_LOG > calls) return
      this.tell(print)
      print(`… ${first + faults.length - 1} of ${calls}, ${this.problems.length} problems`)
    }
  }

  /** The problems since the last time. */
  tell(print: ProofOptions["print"]) {
    for (const problem of this.problems.slice(this.#told, this.#told + 50)) print(`✗ ${problem}`)
    this.#told = this.problems.length
  }

  figures() {
    return [
      `${this.#faults} writes and syncs of a running server's log made to fail, and ${this.#starts} of a start (seed ${this.#random.seed}).`,
      `${this.#acknowledged} writes acknowledged, ${this.#refused} refused with a problem that says what to do; ${this.#stopped} servers stopped by themselves and their next ones went on.`,
      `${this.problems.length} problems: writes acknowledged and lost, refusals that do not help, a failed disk asked again, service that does not come back, damage.`,
    ].join("\n")
  }

  /** At once, whatever runs. */
  endNow() {
    this.#server?.killAll()
    this.#server = undefined
  }

  async #failRunning(faults: readonly Fault[]) {
    const round = new FaultRound(this.#next())
    await round.start()
    for (const fault of faults) await round.fail(fault)
    await round.end()
    this.problems.push(...round.problems)
    this.#faults += round.hits
    this.#acknowledged += countOf(round.journal)
    this.#refused += round.refused
    this.#stopped += round.stopped
    this.#forget()
  }

  async #failStart(fault: Fault) {
    const { stateDir } = this.#next()
    this.problems.push(...(await failStart(stateDir, fault)))
    this.#starts += 1
    this.#forget()
  }

  #next() {
    const stateDir = join(this.#folder, "state")
    mkdirSync(stateDir, { mode: 0o700 })
    this.#server = new ProvedServer(stateDir)
    return this.#server
  }

  #forget() {
    this.endNow()
    rmSync(join(this.#folder, "state"), { recursive: true, force: true })
  }
}

function startKind(number: number): Omit<Fault, "nth"> {
  return { call: number % 2 ? "pwrite64" : "fsync", error: number % 4 < 2 ? "ENOSPC" : "EIO", lasts: number % 2 === 1 }
}
