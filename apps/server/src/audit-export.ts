import { hash } from "node:crypto"
import { dataHashOf, type EventLog, ownSaltOf, splitEnvelope } from "@aegis/event-log"
import { type MerkleTree, type NoteSigner, signNote } from "@aegis/event-log/merkle"
import type { AegisEvent } from "@aegis/session-core/events"
import type { AuditEntries, AuditEntry, AuditFilter } from "./audit-entries.ts"
import type { SignedCheckpoint } from "./audit-tree.ts"
import type { EventAudience } from "./event-audience.ts"
import { inTurn, Pace } from "./pace.ts"
import { redactEntry } from "./redact-entry.ts"

/** What is exported, and for whom. */
export interface AuditExport {
  readonly entries: Pick<AuditEntries, "range">
  readonly audience: EventAudience
  readonly filter: AuditFilter & { readonly after?: number | undefined }
  /** The entries up to its size are in the file, if they fit. */
  readonly checkpoint: SignedCheckpoint
}

export interface NdjsonParts {
  readonly log: Pick<EventLog<AegisEvent>, "streamHead">
  readonly tree: MerkleTree
  readonly signer: NoteSigner
}

/**
 * The trail in lines of JSON, to be verified without the server (`verifyExport` of @aegis/client): first what it is of, with
 * key and checkpoint; then each entry, its text as it was hashed, with its own salt and its proof; last a note in which the
 * log's key has signed how many entries there are and what all lines before it are. A file that was cut has no such line. An
 * entry whose secrets were hidden has, instead of its salt, the hash of what its data was: it is proved all the same, and
 * what was hidden cannot be tried.
 *
 *     chain(0) = 32 zero bytes      chain(n) = SHA-256(chain(n-1) ‖ SHA-256(line n))
 */
export async function* toNdjson(
  { entries, audience, filter, checkpoint }: AuditExport,
  { log, tree, signer }: NdjsonParts,
): AsyncGenerator<string> {
  const { size, note, origin } = checkpoint
  let count = 0
  let chain: Uint8Array = Buffer.alloc(32)
  const chained = (lines: readonly string[]) => {
    for (const line of lines) chain = hash("sha256", Buffer.concat([chain, hash("sha256", line, "buffer")]), "buffer")
    return `${lines.join("\n")}\n`
  }
  const header = { format: "aegis-audit/1", origin, key: signer.vkey, size, checkpoint: note, filter }
  yield chained([JSON.stringify(header)])
  const toLine = async (entry: AuditEntry) => {
    const { seq, stream } = entry
    const salt = (await log.streamHead(stream))?.salt ?? ""
    const proof = await tree.inclusionProof(seq - 1, size)
    const { json, isRedacted } = await redactEntry(entry)
    const key = isRedacted
      ? `"dataHash":"${dataHashOf(splitEnvelope(entry.json), salt)}"`
      : `"salt":"${ownSaltOf(seq, salt)}"`
    // The event comes last, and to the letter.
    return `{${key},"proof":${JSON.stringify(proof)},"event":${json}}`
  }
  const pace = new Pace()
  for await (const some of partsOf(entries.range({ ...filter, upTo: size }, audience))) {
    const lines = await inTurn(some, toLine, pace)
    count += lines.length
    yield chained(lines)
  }
  const text = `${origin}\nexport of ${count} entries\nsha256 ${Buffer.from(chain).toString("hex")}\n`
  yield `${JSON.stringify({ signature: signNote(text, signer) })}\n`
}

const COLUMNS = [
  "seq",
  "at",
  "type",
  "sessionId",
  "turnId",
  "actorKind",
  "actorId",
  "actorVia",
  "status",
  "data",
  "hash",
]

/** The trail as a table (RFC 4180). */
export async function* toCsv({ entries, audience, filter, checkpoint }: AuditExport): AsyncGenerator<string> {
  yield rowOf(COLUMNS)
  const pace = new Pace()
  const toLine = async (entry: AuditEntry) => rowOf(await cellsOf(entry))
  for await (const some of partsOf(entries.range({ ...filter, upTo: checkpoint.size }, audience)))
    yield (await inTurn(some, toLine, pace)).join("")
}

/** Few at a time: whoever reads hears something every some milliseconds. */
async function* partsOf(entries: AsyncIterable<readonly AuditEntry[]>) {
  for await (const some of entries)
    for (let from = 0; from < some.length; from += AT_ONCE) yield some.slice(from, from + AT_ONCE)
}

const AT_ONCE = 25

async function cellsOf(entry: AuditEntry) {
  const { seq, hash: rolling, event } = entry
  const { at, type, actor, sessionId = "", status = "" } = event
  const turnId = "turnId" in event ? (event.turnId ?? "") : ""
  const { data } = await redactEntry(entry)
  return [String(seq), at, type, sessionId, turnId, actor.kind, actor.id, actor.via, status, data, rolling]
}

function rowOf(cells: readonly string[]) {
  return `${cells.map(toCell).join(",")}\r\n`
}

// A spreadsheet runs what begins like a formula, also after blanks (spec/threats.md, C9).
function toCell(text: string) {
  const plain = /^\s*[=+\-@|]|^[\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
