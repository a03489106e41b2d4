import { EMPTY_HASH, type EventLog, EventLogError, type LogEntry, nextHash, splitEnvelope } from "@aegis/event-log"
import { type Checkpoint, leavesOf, type MerkleTree, openCheckpoint, readVerifier } from "@aegis/event-log/merkle"
import { type AegisEvent, streamOf } from "@aegis/session-core/events"
import { Pace } from "./pace.ts"

export interface VerifyAuditOptions {
  readonly log: Pick<EventLog<AegisEvent>, "read" | "streamHead">
  /** From the disk's bytes. */
  readonly tree: MerkleTree
  /** The checkpoint beside it; undefined: there is none. */
  readonly note: string | undefined
  /** The checkpoints that a witness had before the tree was read, where there is one. */
  readonly witnessed: AsyncIterable<string> | undefined
  readonly vkey: string
}

export interface AuditReport {
  readonly ok: boolean
  readonly checked: number
  readonly size: number
  readonly root: string
  readonly key: string
  readonly checkpoint?: Pick<Checkpoint, "size" | "root">
  readonly witness?: { readonly checkpoints: number }
  readonly problems: readonly AuditProblem[]
}

export interface AuditProblem {
  readonly code:
    | "entry-changed"
    | "entry-missing"
    | "hash-broken"
    | "tree-damaged"
    | "checkpoint-contradicted"
    | "witness-contradicted"
  readonly seq?: number
  readonly detail: string
}

const PAGE = 256
const MOST_PROBLEMS = 100

/** Reads every entry from the disk, and says what is not as it was signed, witnessed or kept. */
export async function verifyAudit(options: VerifyAuditOptions): Promise<AuditReport> {
  const { tree, vkey } = options
  const looking = new Looking(options)
  await looking.guarded(() => looking.heads())
  await looking.guarded(() => looking.entries())
  const { checked, checkpoint, problems, witnessed } = looking
  return {
    ok: problems.length === 0,
    checked,
    size: tree.size,
    root: await tree.rootAt(tree.size),
    key: vkey,
    ...(checkpoint ? { checkpoint: { size: checkpoint.size, root: checkpoint.root } } : {}),
    ...(witnessed === undefined ? {} : { witness: { checkpoints: witnessed } }),
    problems: problems.slice(0, MOST_PROBLEMS),
  }
}

class Looking {
  readonly problems: AuditProblem[] = []
  checked = 0
  checkpoint: Checkpoint | undefined
  witnessed: number | undefined
  readonly #options: VerifyAuditOptions
  /** Of each stream, up to where it was read. */
  readonly #hashes = new Map<string, string>()

  constructor(options: VerifyAuditOptions) {
    this.#options = options
  }

  /** What is wrong with the tree itself is a finding as well. */
  async guarded(look: () => Promise<void>) {
    try {
      await look()
    } catch (error) {
      if (!EventLogError.is(error) || error.code !== "tree-damaged") throw error
      this.#found({
        code: "tree-damaged",
        detail: "A tile of the tree is not what was kept: the server's log says which.",
      })
    }
  }

  /** That what was signed, here and at the witness, is the beginning of this tree. */
  async heads() {
    const { note: own, witnessed } = this.#options
    this.checkpoint = own === undefined ? undefined : this.#open(own)
    if (own !== undefined && !(await this.#isBeginning(this.checkpoint)))
      this.#found({
        code: "checkpoint-contradicted",
        detail: "The tree does not begin with what the checkpoint has signed.",
      })
    if (witnessed === undefined) return
    this.witnessed = 0
    for await (const note of witnessed) {
      this.witnessed += 1
      if (await this.#isBeginning(this.#open(note))) continue
      const [, size = "?"] = note.split("\n")
      this.#found({ code: "witness-contradicted", detail: `The witness has seen another log of ${size} entries.` })
    }
  }

  async entries() {
    const { log, tree } = this.#options
    const pace = new Pace()
    while (this.checked < tree.size) {
      const page = await log.read({ after: this.checked, before: tree.size + 1, limit: PAGE })
      const leaves = await leavesOf(page, log).catch(() => this.#leavesOneByOne(page))
      for (const [place, entry] of page.entries()) {
        for (; this.checked + 1 < entry.seq; this.checked += 1) this.#missing(this.checked + 1)
        await this.#look(entry, leaves[place] ?? "")
        this.checked = entry.seq
        await pace.step()
      }
      if (page.length > 0) continue
      this.#missing(this.checked + 1)
      return
    }
  }

  /** Of a stream that has lost its salt there are none: its entries are not what they were. */
  async #leavesOneByOne(page: readonly LogEntry<AegisEvent>[]) {
    const leaves: string[] = []
    for (const entry of page) leaves.push(...(await leavesOf([entry], this.#options.log).catch(() => [""])))
    return leaves
  }

  async #look(entry: LogEntry<AegisEvent>, leaf: string) {
    const { seq } = entry
    if (leaf !== (await this.#options.tree.leafAt(seq - 1)) || !isFiledRight(entry))
      this.#found({ code: "entry-changed", seq, detail: `Entry ${seq} is not what it was.` })
    else if (!(await this.#follows(entry)))
      this.#found({
        code: "hash-broken",
        seq,
        detail: `The rolling hash of entry ${seq} does not follow from its stream.`,
      })
    this.#hashes.set(entry.stream, entry.hash)
  }

  async #follows({ stream, json, hash }: LogEntry<AegisEvent>) {
    const { salt = "" } = (await this.#options.log.streamHead(stream)) ?? {}
    return nextHash(this.#hashes.get(stream) ?? EMPTY_HASH, splitEnvelope(json), salt) === hash
  }

  /** Undefined: it is not signed by this log's key. */
  #open(note: string) {
    try {
      return openCheckpoint(note, readVerifier(this.#options.vkey))
    } catch {
      return undefined
    }
  }

  async #isBeginning(signed: Checkpoint | undefined) {
    const { tree } = this.#options
    return signed !== undefined && signed.size <= tree.size && (await tree.rootAt(signed.size)) === signed.root
  }

  #missing(seq: number) {
    this.#found({ code: "entry-missing", seq, detail: `Entry ${seq} is not in the log any more.` })
  }

  #found(problem: AuditProblem) {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem)
  }
}

// Where an entry is filed under is not hashed with it: it follows from what is.
function isFiledRight({ stream, type, event }: LogEntry<AegisEvent>) {
  return event.type === type && streamOf(event) === stream
}
