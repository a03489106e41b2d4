import { EventLogError } from "./event-log-error.ts"
import type { NoteSigner, NoteVerifier } from "./note-key.ts"
import { openNote, signNote } from "./signed-note.ts"
import { fromBase64, toBase64 } from "./strict-base64.ts"
import { HASH_LENGTH } from "./tile.ts"
import type { TreeHead } from "./tile-store.ts"

/** What a log says of itself at a size (C2SP tlog-checkpoint). Whoever signs two that do not fit each other has lied. */
export interface Checkpoint extends TreeHead {
  /** Which log: one name for good, a line of text; best the name of the key that signs. */
  readonly origin: string
}

/** The checkpoint as a signed note; fails with `note-invalid` for what would not be read back as it is. */
export function signCheckpoint({ origin, size, root }: Checkpoint, signer: NoteSigner) {
  const text = `${origin}\n${size}\n${toBase64(Buffer.from(root, "hex"))}\n`
  const read = parse(text)
  // An origin of several lines may bring a size and a root of its own.
  if (read.origin !== origin || read.size !== size || read.root !== root) throw invalid()
  return signNote(text, signer)
}

/**
 * The checkpoint in a signed note of the key. Fails with `note-unsigned` before anything of its text is believed, and with
 * `note-invalid` where it is no checkpoint. Lines after the root are signed, and mean nothing here.
 */
export function openCheckpoint(note: string, verifier: NoteVerifier): Checkpoint {
  return parse(openNote(note, verifier))
}

function parse(text: string): Checkpoint {
  const [origin, size = "", base64 = "", ...others] = text.split("\n")
  const root = fromBase64(base64)
  const isWhole = others.pop() === "" && !others.includes("")
  if (!origin || !isSize(size) || root?.length !== HASH_LENGTH || !isWhole) throw invalid()
  return { origin, size: Number(size), root: Buffer.from(root).toString("hex") }
}

function isSize(text: string) {
  return /^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text))
}

function invalid() {
  return new EventLogError("note-invalid", "This is not a checkpoint: origin, size and root are its first three lines.")
}
