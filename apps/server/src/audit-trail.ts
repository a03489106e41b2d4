import { setTimeout as pause } from "node:timers/promises"
import { type EventLog, EventLogError } from "@aegis/event-log"
import type { MerkleTree } from "@aegis/event-log/merkle"
import type { AegisEvent } from "@aegis/session-core/events"
import type { Logger } from "pino"
import { AuditContradiction } from "./audit-contradiction.ts"
import {
  AuditTree,
  type AuditTreeOptions,
  LEAVES,
  readKept,
  type SignedCheckpoint,
  setTilesAside,
} from "./audit-tree.ts"
import { RequestProblem } from "./problem-reply.ts"
import { type AuditReport, verifyAudit } from "./verify-audit.ts"
import { WatchedLine } from "./watched-line.ts"

export interface AuditTrailOptions extends AuditTreeOptions {
  readonly log: AuditTreeOptions["log"] & Pick<EventLog<AegisEvent>, "tail">
  /** How long what is new may be without a checkpoint. */
  readonly intervalMs: number
  readonly logger: Pick<Logger, "error" | "info">
  /** How long what is new may be without its place in the tree, and how long one waits before a failed write is tried again. */
  readonly followMs?: number
  /** How long the disks may take for one step: after that nothing is granted until they answer. */
  readonly patienceMs?: number | undefined
}

/** What it says of itself. */
export interface AuditStatus {
  readonly status: "ok" | "unavailable"
  /** Entries that have their place in the tree. */
  readonly size: number
  /** Entries of the newest checkpoint. */
  readonly checkpoint?: number
  readonly failure?: { readonly code: "audit-unavailable" | "audit-contradicted"; readonly message: string }
}

/** From so many entries on a checkpoint does not wait for its time. */
const ENTRIES_TO_SIGN = 1000
/** How much is brought into the tree at a stop; the rest is the next start's. */
const WRITES_AT_STOP = 10
/** What a timer of this platform can wait. */
const LONGEST_TIMER_MS = 2_147_483_647
/** What was written so long ago says nothing about whether it could be written now. */
const FRESH_MS = 1000

/**
 * Keeps the tree behind the log, and its checkpoints: some moments behind what is committed, with bounded memory, and
 * without a commit that waits for it. When it cannot be written it says so, and goes on by itself when it can.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions
  readonly #ending = new AbortController()
  readonly #following: Promise<void>
  #tree: AuditTree | undefined
  #size = 0
  #failure: Error | undefined
  #writtenAt = Number.NEGATIVE_INFINITY
  /** When the first entry was seen that no checkpoint has. */
  #unsignedSince: number | undefined
  readonly #line: WatchedLine
  #checking: Promise<void> | undefined
  #verifying: Promise<AuditReport> | undefined

  constructor(options: AuditTrailOptions) {
    const { patienceMs = 15_000 } = options
    this.#options = options
    this.#line = new WatchedLine({ patienceMs, onStuck: () => this.#stuck(patienceMs) })
    this.#following = this.#follow(this.#ending.signal)
  }

  get status(): AuditStatus {
    const checkpoint = this.#tree?.signed?.size
    return {
      status: this.#failure ? "unavailable" : "ok",
      size: this.#size,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(this.#failure ? { failure: toFailure(this.#failure) } : {}),
    }
  }

  /** Rejects with `audit-unavailable` where what is granted now could not be written. */
  async check() {
    // Who comes while one waits for its turn takes part in it.
    this.#checking ??= this.#line.run(() => {
      this.#checking = undefined
      return this.#proveNow()
    })
    await this.#checking.catch((error: unknown) => {
      this.#checking = undefined
      throw error
    })
  }

  /** Whether something may be allowed that nobody is asked about. */
  async isWritable(): Promise<boolean> {
    if (this.#failure === undefined && performance.now() - this.#writtenAt < FRESH_MS) return true
    return this.check().then(
      () => true,
      // What it was stands in the status, and in the log.
      () => false,
    )
  }

  /** The newest checkpoint; where there is none yet, the first one. */
  async checkpoint(): Promise<SignedCheckpoint> {
    return this.#tree?.signed ?? this.signNow()
  }

  /** A checkpoint of all that the log has at the moment. */
  async signNow(): Promise<SignedCheckpoint> {
    const head = this.#options.log.head()
    do await this.#grow()
    while (this.#size < head)
    return this.#sign()
  }

  /** Reads from the tree, without waiting for what is written meanwhile; rejects with `proof-impossible` for what it has not. */
  async read<T>(work: (tree: MerkleTree) => Promise<T>): Promise<T> {
    return work(await this.#kept()).catch((error: unknown): T => {
      if (EventLogError.is(error) && error.code === "proof-impossible") throw error
      this.#options.logger.error({ error }, "the audit's tree cannot be read")
      return refuse(error)
    })
  }

  /** What an export is proved with. */
  async proofParts() {
    const { log, signer } = this.#options
    return { log, signer, tree: await this.#kept() }
  }

  /** Compares every entry on the disk with what was signed; whoever asks meanwhile gets the same report. */
  verify(): Promise<AuditReport> {
    this.#verifying ??= this.#verify().finally(() => {
      this.#verifying = undefined
    })
    return this.#verifying
  }

  /** Signs what there is. To be called while the log is still open; twice is fine. */
  async close() {
    this.#ending.abort()
    await this.#following
    try {
      for (let writes = 0; writes < WRITES_AT_STOP && this.#size < this.#options.log.head(); writes += 1)
        await this.#grow()
      await this.#sign()
    } catch {
      // It was told when it happened; the next start goes on from what there is.
    }
    await this.#line.end(() => this.#letGo())
  }

  /** Wakes with the log's next entry, and takes with it what comes in the moments after. */
  async #follow(signal: AbortSignal) {
    const { followMs = 1000 } = this.#options
    while (!signal.aborted) {
      // A log that cannot be read is looked at again, like a tree that cannot be written.
      if (await this.#catchUp(signal)) await this.#untilDue(signal).catch(() => undefined)
      await rest(followMs, signal)
    }
  }

  /** Whether all is in the tree that the log has. */
  async #catchUp(signal: AbortSignal) {
    try {
      if (this.#failure) await this.#prove()
      for (let isMore = true; isMore && !signal.aborted; ) {
        // What comes while this is written waits for the next time: one write, however much there is.
        isMore = (await this.#grow()) === LEAVES
        if (this.#isToSign()) await this.#sign()
      }
      return true
    } catch {
      // Told already; it is tried again.
      return false
    }
  }

  #isToSign() {
    const signed = this.#tree?.signed
    if (signed === undefined) return true
    const unsigned = this.#size - signed.size
    if (unsigned === 0) return false
    this.#unsignedSince ??= performance.now()
    return unsigned >= ENTRIES_TO_SIGN || this.#waitMs() === 0
  }

  /** Until the next checkpoint; undefined: there is nothing to sign. */
  #waitMs() {
    if (this.#unsignedSince === undefined) return undefined
    const wait = Math.ceil(this.#unsignedSince + this.#options.intervalMs - performance.now())
    return Math.min(Math.max(0, wait), LONGEST_TIMER_MS)
  }

  /** Resolves when the log has more, or when the checkpoint is due. */
  async #untilDue(signal: AbortSignal) {
    const due = new AbortController()
    const wait = this.#waitMs()
    const timer = wait === undefined ? undefined : setTimeout(() => due.abort(), wait)
    const either = AbortSignal.any([signal, due.signal])
    for await (const _page of this.#options.log.tail({ after: this.#size, signal: either })) break
    clearTimeout(timer)
  }

  async #verify() {
    const { log, folder, witness, signer, logger } = this.#options
    // Where that is not possible, the report says what of it is the log's fault.
    await this.signNow().catch(() => undefined)
    // What is witnessed from here on may be more than the tree that is looked at.
    const notes = witness?.notes(await witness.size())
    const kept = await this.#line.run(() => readKept(folder).catch(refuse))
    const report = await verifyAudit({ log, ...kept, witnessed: notes, vkey: signer.vkey })
    if (!report.ok) logger.error({ problems: report.problems }, "the log is not what was signed")
    if (report.problems.some(({ code }) => code === "tree-damaged")) await this.#line.run(() => this.#setAside())
    return report
  }

  /** How many entries it were. */
  #grow() {
    return this.#line.run(async () => {
      const count = await this.#withNow((tree) => tree.grow())
      // Nothing new says nothing of whether something could be written.
      if (count > 0) this.#written()
      return count
    })
  }

  async #sign() {
    const signed = await this.#with((tree) => tree.sign())
    this.#unsignedSince = undefined
    return signed
  }

  #prove() {
    return this.#line.run(() => this.#proveNow())
  }

  async #proveNow() {
    await this.#withNow((tree) => tree.prove())
    this.#written()
  }

  #written() {
    this.#writtenAt = performance.now()
    if (this.#failure) this.#options.logger.info("the audit can be written again")
    this.#failure = undefined
  }

  #kept(): Promise<MerkleTree> {
    return this.#with(async ({ tree }) => tree)
  }

  #with<T>(work: (tree: AuditTree) => Promise<T>) {
    return this.#line.run(() => this.#withNow(work))
  }

  /** Rejects with `audit-unavailable`. After a failure the tree is opened anew: nothing is believed that was in memory. */
  async #withNow<T>(work: (tree: AuditTree) => Promise<T>): Promise<T> {
    try {
      this.#tree ??= await AuditTree.open(this.#options)
      return await work(this.#tree)
    } catch (error) {
      this.#failed(error as Error)
      return refuse(error)
    } finally {
      this.#size = this.#tree?.tree.size ?? this.#size
    }
  }

  /** The next one makes the tree again from the log. */
  async #setAside() {
    this.#letGo()
    await setTilesAside(this.#options.folder)
  }

  #failed(error: Error) {
    this.#letGo()
    this.#note(error)
  }

  #letGo() {
    this.#tree?.close()
    this.#tree = undefined
  }

  // The tree is still in the hands of what is stuck.
  #stuck(patienceMs: number) {
    const error = new Error(`The disk of the audit or of its witness has not answered for ${patienceMs / 1000} s.`)
    this.#note(error)
    return toProblem(error)
  }

  #note(error: Error) {
    // Tried again and again, and told once.
    if (this.#failure?.message !== error.message)
      this.#options.logger.error({ error: error.message }, "the audit cannot be written: nothing is granted")
    this.#failure = error
  }
}

function refuse(error: unknown): never {
  throw toProblem(error)
}

function toProblem(error: unknown) {
  return new RequestProblem("audit-unavailable", toFailure(error).message)
}

// What exactly, and where, is in the server's log: an answer goes to whoever asks.
function toFailure(error: unknown): NonNullable<AuditStatus["failure"]> {
  return error instanceof AuditContradiction
    ? {
        code: "audit-contradicted",
        message:
          "The log is not what it was when it was signed: the server's log says where. Nothing is granted; rejecting, stopping and revoking work.",
      }
    : {
        code: "audit-unavailable",
        message:
          "The audit cannot be written at the moment; the server's log says why. Nothing is granted until it can; rejecting, stopping and revoking work.",
      }
}

function rest(milliseconds: number, signal: AbortSignal) {
  return pause(milliseconds, undefined, { signal }).catch(() => undefined)
}
