import { AegisProblem } from "./aegis-problem.ts"
import { encode, sha256, toHex } from "./digest.ts"
import { isSize, type TreeHead } from "./tree-head.ts"

/** What a log has signed to be, at a size. */
export interface Checkpoint extends TreeHead {
  readonly origin: string
}

export interface VerifyCheckpointOptions {
  /** The log that it must be of; absent: the one that has the key's name. */
  readonly origin?: string | undefined
}

/**
 * Verifies a checkpoint (C2SP tlog-checkpoint in a signed note, Ed25519) against the log's public key, a text
 * `<name>+<id>+<base64>` that was got from elsewhere than the checkpoint. Rejects with `checkpoint-untrusted` where the
 * key's signature is false or missing or the log is another, `checkpoint-broken` where the text is no checkpoint, and
 * `key-broken` where the key is none.
 */
export async function verifyCheckpoint(
  note: string,
  key: string,
  { origin: expected }: VerifyCheckpointOptions = {},
): Promise<Checkpoint> {
  const { name, id, publicKey } = await readKey(key)
  const { text, signatures } = splitNote(note)
  // Of other keys, such as a witness's or the log's next one, nothing is known here: they are passed over.
  const own = signatures.filter((signature) => signature.name === name && toHex(signature.id) === id)
  const verdicts = own.map(({ bytes }) => crypto.subtle.verify("Ed25519", publicKey, bytes, encode(text)))
  if (own.length === 0 || !(await Promise.all(verdicts)).every(Boolean))
    throw untrusted(`The checkpoint does not have a true signature of ${name}.`)
  const checkpoint = readCheckpoint(text)
  if (checkpoint.origin !== (expected ?? name))
    throw untrusted(`The checkpoint is of the log ${checkpoint.origin}, not of ${expected ?? name}.`)
  return checkpoint
}

async function readKey(key: string) {
  const [, name = "", id, base64 = ""] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/u.exec(key) ?? []
  const bytes = fromBase64(base64)
  // 0x01 is Ed25519, of 32 bytes (C2SP signed-note, Signature types).
  if (bytes?.length !== 33 || bytes[0] !== 1)
    throw keyBroken("This text is not a key: <name>+<id>+<base64> of Ed25519.")
  const own = toHex((await sha256(encode(`${name}\n`), bytes)).subarray(0, 4))
  if (own !== id) throw keyBroken(`The key of ${name} has an id that is not its own: a letter is wrong.`)
  const publicKey = await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"])
  return { name, id, publicKey }
}

/** The last empty line divides text and signatures; up to 100 of them (C2SP signed-note, Format). */
function splitNote(note: string) {
  const end = note.lastIndexOf("\n\n") + 1
  const lines = note.slice(end + 1).split("\n")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const isText = note.isWellFormed() && !/[\0-\x09\x0b-\x1f]/.test(note)
  if (end === 0 || !isText || lines.pop() !== "" || lines.length === 0 || lines.length > 100) throw broken()
  return { text: note.slice(0, end), signatures: lines.map(readSignature) }
}

function readSignature(line: string) {
  const [, name, base64 = ""] = /^— ([^+\s]+) (\S+)$/u.exec(line) ?? []
  const bytes = fromBase64(base64)
  if (!name || !bytes || bytes.length <= 4) throw broken()
  return { name, id: bytes.slice(0, 4), bytes: bytes.slice(4) }
}

/** Origin, size and root, a line each; lines after them are the log's own and mean nothing here. */
function readCheckpoint(text: string): Checkpoint {
  const [, origin, digits = "", base64 = ""] = /^([^\n]+)\n(0|[1-9][0-9]*)\n([^\n]+)\n(?:[^\n]+\n)*$/u.exec(text) ?? []
  const size = Number(digits)
  const root = fromBase64(base64)
  if (!origin || !isSize(size) || root?.length !== 32) throw broken()
  return { origin, size, root: toHex(root) }
}

/** Only the one canonical form: with another one, two texts would be the same checkpoint. */
function fromBase64(text: string) {
  try {
    const binary = atob(text)
    return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : undefined
  } catch {
    // Not base64 at all: the same answer.
    return undefined
  }
}

function broken() {
  return problem("checkpoint-broken", "This text is not a checkpoint: its form is another, or something was cut off.")
}

function untrusted(detail: string) {
  return problem("checkpoint-untrusted", detail)
}

function keyBroken(detail: string) {
  return problem("key-broken", detail)
}

function problem(code: string, detail: string) {
  return new AegisProblem({ status: 0, code, detail })
}
