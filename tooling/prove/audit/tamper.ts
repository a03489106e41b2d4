import { EMPTY_HASH, type TreeHead, verifyCheckpoint } from "@aegis/client"
import { nextHash, splitEnvelope } from "@aegis/event-log"
import type { Random } from "../random.ts"
import { auditCopy, type Finding, type ShownLog } from "./audit-copy.ts"
import { createLogKey, type KeptLog, keepLog, keepTexts, type LogKey } from "./kept-log.ts"

/** I2: what is done to a log, and that an audit finds it where it was done. */
export class Tampering {
  readonly problems: string[] = []
  readonly found = new Map<string, number>()
  readonly #log: KeptLog
  readonly #key: LogKey

  constructor(log: KeptLog, key: LogKey) {
    this.#log = log
    this.#key = key
  }

  /** Entry by entry, at both ends and at random places; with the rolling hashes left as they were, and made anew. */
  async tamperEntries(random: Random, times: number) {
    const { texts } = this.#log
    const last = texts.length - 1
    const places = [0, 1, last - 1, ...Array.from({ length: times }, () => random.between(2, last - 2))]
    for (const at of places)
      for (const { what, change } of changes)
        for (const isRehashed of [false, true]) {
          const changed = change(texts, at)
          const shown = this.#show(isRehashed ? rehash(changed, this.#log.salt) : changed)
          await this.#expect(`${what}${isRehashed ? ", re-hashed" : ""}`, shown, { where: "entry", index: at })
        }
    const cut = texts.slice(0, -random.between(1, 10))
    await this.#expect("tail cut off, checkpoint left", this.#show(cut), { where: "end", index: cut.length })
    await this.#expect("last one deleted", this.#show(texts.slice(0, -1)), { where: "end", index: last })
    const more = [...texts, ...texts.slice(-1)]
    await this.#expect("last one duplicated", this.#show(more), { where: "entry", index: texts.length })
  }

  /** Cut off or written anew, with a checkpoint that fits: for that there are signature and witness. */
  async tamperAll(random: Random) {
    const { texts } = this.#log
    const witness = await verifyCheckpoint(this.#log.checkpoint, this.#key.vkey)
    const cut = await keepTexts(texts.slice(0, -random.between(1, 10)), this.#key)
    const rewritten = await keepLog(texts.length, this.#key, (text) => text.replace("hier", "dort"))
    const grown = await keepLog(texts.length + 100, this.#key, (text) => text.replace("hier", "dort"))
    const forged = await keepLog(texts.length, createLogKey(), (text) => text.replace("hier", "dort"))
    await this.#expect("tail cut off, older checkpoint", show(cut), { where: "witness" }, witness)
    await this.#expect("all re-hashed, log's key stolen", show(rewritten), { where: "witness" }, witness)
    await this.#expect("all re-hashed and longer, log's key stolen", show(grown), { where: "witness" }, witness)
    await this.#expect("all re-hashed, another key", show(forged), { where: "checkpoint" }, witness)
    // Without the witness these cannot be found: that is what it is for, and what shows that the others are found by it.
    for (const log of [cut, rewritten, grown])
      if (await auditCopy(show(log), this.#key)) this.problems.push("a log without fault was not believed")
    if (await auditCopy(show(this.#log), { ...this.#key, witness }))
      this.problems.push("the log itself was not believed")
    const half = await keepTexts(texts.slice(0, texts.length / 2), this.#key)
    const older = await verifyCheckpoint(half.checkpoint, this.#key.vkey)
    if (await auditCopy(show(this.#log), { ...this.#key, witness: older }))
      this.problems.push("the log was not believed by who had seen its first half")
  }

  #show(texts: readonly string[]): ShownLog {
    return { ...show(this.#log), texts }
  }

  async #expect(what: string, shown: ShownLog, wanted: Omit<Finding, "code">, witness?: TreeHead) {
    const finding = await auditCopy(shown, witness ? { ...this.#key, witness } : this.#key)
    if (finding?.where !== wanted.where || finding.index !== wanted.index)
      this.problems.push(`${what}: found ${JSON.stringify(finding)} where it was ${JSON.stringify(wanted)}`)
    else this.found.set(what, (this.found.get(what) ?? 0) + 1)
  }
}

const changes: readonly { what: string; change(texts: readonly string[], at: number): string[] }[] = [
  { what: "deleted", change: (texts, at) => texts.toSpliced(at, 1) },
  { what: "inserted", change: (texts, at) => texts.toSpliced(at, 0, (texts[at] ?? "").replace("Zeile", "Seite")) },
  { what: "swapped", change: (texts, at) => texts.toSpliced(at, 2, texts[at + 1] ?? "", texts[at] ?? "") },
  // The copy comes before the one it is of, so that it stands where another one belongs.
  { what: "duplicated", change: (texts, at) => texts.toSpliced(at, 0, texts[at + 1] ?? "") },
  { what: "changed", change: (texts, at) => texts.with(at, (texts[at] ?? "").replace("Zeile", "Seite")) },
  { what: "replaced by another", change: (texts, at) => texts.with(at, texts[at === 0 ? 5 : 0] ?? "") },
]

function show({ texts, salt, tree, checkpoint }: KeptLog): ShownLog {
  return {
    texts,
    salt,
    checkpoint,
    inclusionProof: (index, size) => tree.inclusionProof(index, size),
    consistencyProof: (from, to) => tree.consistencyProof(from, to),
  }
}

/** The same texts with rolling hashes that fit, as whoever changes a log would write them. */
function rehash(texts: readonly string[], salt: string) {
  let hash = EMPTY_HASH
  return texts.map((text) => {
    const event = splitEnvelope(text)
    hash = nextHash(hash, event, salt)
    return `${event.head}${event.data},"hash":"${hash}"}`
  })
}
