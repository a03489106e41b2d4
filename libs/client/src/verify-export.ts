import { AegisProblem } from "./aegis-problem.ts"
import { encode, readHash, sha256, toHex } from "./digest.ts"
import { leafOfHidden, leafOfSalted, splitEvent } from "./event-leaf.ts"
import { openNote } from "./signed-note.ts"
import type { TreeHead } from "./tree-head.ts"
import { verifyCheckpoint } from "./verify-checkpoint.ts"
import { verifyInclusion } from "./verify-inclusion.ts"

export interface VerifyExportOptions {
  /** The log's public key, got from elsewhere; absent: the one in the file, which then proves itself only. */
  readonly key?: string | undefined
}

/** What an export was found to be. */
export interface VerifiedExport extends TreeHead {
  readonly origin: string
  readonly key: string
  /** How many entries of the log are in it. */
  readonly entries: number
  /** How many of them are shown without their secrets: where and when they were, and who did it, is proved; the rest is said. */
  readonly redacted: number
  /** What was asked for when it was made. */
  readonly filter: Readonly<Record<string, unknown>>
}

/**
 * Verifies an export of the audit trail (`GET /v1/audit/export`, lines of JSON) by itself: the checkpoint is the log's, each
 * entry is in the log that it has signed, and the lines are those that were exported, all of them and in their order. Rejects
 * with `export-broken`, naming the entry or line that is wrong, or with what `verifyCheckpoint` says.
 */
export async function verifyExport(
  lines: Iterable<string> | AsyncIterable<string>,
  { key: expected }: VerifyExportOptions = {},
): Promise<VerifiedExport> {
  let file: OpenFile | undefined
  let chain: Uint8Array = new Uint8Array(32)
  let isSigned = false
  for await (const line of lines) {
    if (isSigned) throw broken("Something was put behind the end of the file.")
    if (file === undefined) file = await openFile(line, expected)
    else if (line.startsWith('{"signature":')) {
      await verifyEnd(line, file, toHex(chain))
      isSigned = true
    } else await verifyEntry(line, file)
    chain = await sha256(chain, await sha256(encode(line)))
  }
  if (file === undefined) throw broken("The file is empty.")
  if (!isSigned)
    throw broken(`The file ends after ${file.entries} entries, before its signature: something was cut off.`)
  const { origin, key, head, entries, redacted, filter } = file
  return { origin, key, ...head, entries, redacted, filter }
}

interface OpenFile {
  readonly origin: string
  readonly key: string
  readonly head: TreeHead
  readonly filter: Readonly<Record<string, unknown>>
  entries: number
  redacted: number
  /** `seq` of the entry before. */
  last: number
}

async function openFile(line: string, expected: string | undefined): Promise<OpenFile> {
  const { format, key: own, checkpoint, filter } = readJson(line)
  if (format !== "aegis-audit/1" || typeof own !== "string" || typeof checkpoint !== "string")
    throw broken("This file is not an export of the audit trail: its first line is another's.")
  const key = expected ?? own
  const { origin, size, root } = await verifyCheckpoint(checkpoint, key)
  const counts = { entries: 0, redacted: 0, last: 0 }
  return { origin, key, head: { size, root }, filter: filter as OpenFile["filter"], ...counts }
}

async function verifyEntry(line: string, file: OpenFile) {
  const place = `Line ${file.entries + 2} (after entry ${file.last})`
  const [, kind, hex, proof, text] =
    /^\{"(salt|dataHash)":"([0-9a-f]*)","proof":(\["[0-9a-f",]*\]|\[\]),"event":(.*)\}$/s.exec(line) ?? []
  const seq = text === undefined ? undefined : seqOf(text)
  const key = readHash(hex)
  if (key === undefined || proof === undefined || text === undefined || seq === undefined)
    throw broken(`${place} is no entry: something in it was changed.`)
  if (seq <= file.last) throw broken(`${place} has entry ${seq}: entries were put in or changed their places.`)
  const hashes = readProof(proof)
  if (hashes === undefined) throw broken(`${place}: the proof of entry ${seq} cannot be read.`)
  try {
    const leaf = await (kind === "salt" ? leafOfSalted(text, key) : leafOfHidden(text, key))
    await verifyInclusion(leaf, file.head, { index: seq - 1, proof: hashes })
  } catch (error) {
    throw broken(`Entry ${seq} is not what the log had when the checkpoint was signed.`, error)
  }
  file.last = seq
  file.entries += 1
  if (kind === "dataHash") file.redacted += 1
}

async function verifyEnd(line: string, { key, origin, entries, last }: OpenFile, chain: string) {
  const { signature } = readJson(line)
  const note = await openNote(typeof signature === "string" ? signature : "", key)
  if (note.state !== "signed") throw broken(`The signature at the end is not one of ${origin}.`)
  if (note.text === `${origin}\nexport of ${entries} entries\nsha256 ${chain}\n`) return
  throw broken(
    `The lines are not those that were exported, though each entry is one of the log: some were left out or put in, or what stands beside them was changed (${entries} entries, the last one ${last}).`,
  )
}

function seqOf(text: string) {
  try {
    return splitEvent(text).seq
  } catch {
    // Whoever calls says where it stands.
    return undefined
  }
}

function readProof(text: string) {
  try {
    return JSON.parse(text) as string[]
  } catch {
    // Whoever calls says where it stands.
    return undefined
  }
}

function readJson(line: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>
  } catch {
    // Like anything that is no object.
  }
  throw broken("This file is not an export of the audit trail: a line is no JSON object.")
}

function broken(detail: string, cause?: unknown) {
  return new AegisProblem({ status: 0, code: "export-broken", detail }, cause === undefined ? {} : { cause })
}
