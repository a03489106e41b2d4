import {
  AegisProblem,
  type Checkpoint,
  EMPTY_HASH,
  leafOf,
  type TreeHead,
  verifyCheckpoint,
  verifyConsistency,
  verifyHistory,
  verifyInclusion,
} from "@aegis/client"

/** What an auditor is shown: texts and proofs by whoever keeps the log, who may lie. */
export interface ShownLog {
  readonly texts: readonly string[]
  readonly salt: string
  readonly checkpoint: string
  inclusionProof(index: number, size: number): Promise<readonly string[]>
  consistencyProof(from: number, to: number): Promise<readonly string[]>
}

/** What an auditor knows from elsewhere. */
export interface Trusted {
  readonly vkey: string
  /** A head of the log that was copied before. */
  readonly witness?: TreeHead
}

export interface Finding {
  readonly where: "checkpoint" | "witness" | "entry" | "end"
  /** Of the first entry that is not what it was. */
  readonly index?: number
  readonly code: string
}

/** An audit with nothing but the client's verifiers; undefined: all is as it was signed. */
export async function auditCopy(log: ShownLog, { vkey, witness }: Trusted): Promise<Finding | undefined> {
  try {
    const checkpoint = await verifyCheckpoint(log.checkpoint, vkey)
    const finding = witness && (await auditWitness(log, checkpoint, witness))
    return finding ?? (await auditEntries(log, checkpoint))
  } catch (error) {
    return { where: "checkpoint", code: codeOf(error) }
  }
}

async function auditWitness(log: ShownLog, checkpoint: Checkpoint, witness: TreeHead): Promise<Finding | undefined> {
  // Where no proof can be made, none is shown.
  const proof = await log.consistencyProof(witness.size, checkpoint.size).catch(() => [])
  return refused(verifyConsistency(witness, checkpoint, { proof }), { where: "witness" })
}

async function auditEntries(log: ShownLog, checkpoint: Checkpoint): Promise<Finding | undefined> {
  let hash = EMPTY_HASH
  for (const [index, text] of log.texts.entries()) {
    const entry = await auditEntry(text, { log, checkpoint, index, from: hash })
    if (entry.finding) return entry.finding
    hash = entry.hash
  }
  return log.texts.length === checkpoint.size
    ? undefined
    : { where: "end", index: log.texts.length, code: "entries-missing" }
}

interface AuditedEntry {
  readonly log: ShownLog
  readonly checkpoint: Checkpoint
  readonly index: number
  /** The rolling hash before it. */
  readonly from: string
}

/** One entry: its leaf is in the tree at its place, and its rolling hash is right. */
async function auditEntry(text: string, { log, checkpoint, index, from }: AuditedEntry) {
  try {
    const proof = await log.inclusionProof(index, checkpoint.size).catch(() => [])
    await verifyInclusion(await leafOf(text, log.salt), checkpoint, { index, proof })
    return { hash: await verifyHistory([text], log.salt, { from }) }
  } catch (error) {
    return { finding: { where: "entry", index, code: codeOf(error) } as const, hash: from }
  }
}

/** The finding, if it is refused. */
export async function refused(
  verification: Promise<unknown>,
  finding: Omit<Finding, "code">,
): Promise<Finding | undefined> {
  try {
    await verification
    return undefined
  } catch (error) {
    return { ...finding, code: codeOf(error) }
  }
}

/** Anything but the verifier's own refusal is a fault, not a finding. */
function codeOf(error: unknown) {
  if (AegisProblem.is(error)) return error.code
  throw error
}
