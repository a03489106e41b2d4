import { EventLogError } from "./event-log-error.ts"
import { isKeyName, type NoteSigner, type NoteVerifier } from "./note-key.ts"
import { fromBase64, toBase64 } from "./strict-base64.ts"

/** More signatures than any note of ours has; 16 are the least to be accepted (C2SP signed-note, Format). */
const MOST_SIGNATURES = 100

/** A text that ends in a newline, with the signer's signature under it (C2SP signed-note). */
export function signNote(text: string, signer: NoteSigner) {
  if (!isNoteText(text) || !text.endsWith("\n"))
    throw new EventLogError("note-invalid", "A note's text ends in a newline, and has no other control characters.")
  return `${text}\n— ${signer.name} ${toBase64(signer.id, signer.sign(text))}\n`
}

/**
 * The text of a note that the key has signed. Fails with `note-invalid` for what is no note, and with `note-unsigned`
 * where the key's signature is false or missing. Other keys' signatures are nobody's here.
 */
export function openNote(note: string, verifier: NoteVerifier) {
  const { text, signatures } = split(note)
  const own = signatures.filter(({ name, id }) => name === verifier.name && Buffer.compare(id, verifier.id) === 0)
  if (own.length === 0 || !own.every(({ bytes }) => verifier.verify(text, bytes)))
    throw new EventLogError("note-unsigned", `The note does not have a true signature of ${verifier.name}.`)
  return text
}

interface NoteSignature {
  readonly name: string
  readonly id: Uint8Array
  readonly bytes: Uint8Array
}

/** The last empty line divides the text, which may have others, from the signatures. */
function split(note: string): { readonly text: string; readonly signatures: readonly NoteSignature[] } {
  const end = note.lastIndexOf("\n\n") + 1
  const lines = note.slice(end + 1).split("\n")
  if (end < 1 || lines.pop() !== "" || lines.length < 1 || lines.length > MOST_SIGNATURES || !isNoteText(note))
    throw unreadable()
  return { text: note.slice(0, end), signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): NoteSignature {
  const [, name = "", base64 = ""] = /^— (\S+) (\S+)$/.exec(line) ?? []
  const bytes = fromBase64(base64)
  if (!isKeyName(name) || !bytes || bytes.length < 5) throw unreadable()
  return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) }
}

function isNoteText(text: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(text)
}

function unreadable() {
  return new EventLogError(
    "note-invalid",
    "This text is not a signed note: its form is another, or something was cut off.",
  )
}
