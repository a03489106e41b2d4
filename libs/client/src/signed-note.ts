import { AegisProblem } from "./aegis-problem.ts"
import { encode, sha256, toHex } from "./digest.ts"

/** `name` is the key's; the text is there only where that key has signed it. */
export type OpenedNote =
  | { readonly state: "signed"; readonly name: string; readonly text: string }
  | { readonly state: "unsigned" | "unreadable"; readonly name: string }

/**
 * Opens a signed note (C2SP signed-note, Ed25519) with a public key, a text `<name>+<id>+<base64>`. Rejects with `key-broken`
 * where the key is none.
 */
export async function openNote(note: string, key: string): Promise<OpenedNote> {
  const { name, id, publicKey } = await readKey(key)
  const parts = splitNote(note)
  if (parts === undefined) return { state: "unreadable", name }
  // Of other keys, such as a witness's or the log's next one, nothing is known here: they are passed over.
  const own = parts.signatures.filter((signature) => signature.name === name && toHex(signature.id) === id)
  const verdicts = own.map(({ bytes }) => crypto.subtle.verify("Ed25519", publicKey, bytes, encode(parts.text)))
  if (own.length === 0 || !(await Promise.all(verdicts)).every(Boolean)) return { state: "unsigned", name }
  return { state: "signed", name, text: parts.text }
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
  if (end === 0 || !isText || lines.pop() !== "" || lines.length === 0 || lines.length > 100) return undefined
  const signatures = lines.map(readSignature).filter((signature) => signature !== undefined)
  return signatures.length === lines.length ? { text: note.slice(0, end), signatures } : undefined
}

function readSignature(line: string) {
  const [, name, base64 = ""] = /^— ([^+\s]+) (\S+)$/u.exec(line) ?? []
  const bytes = fromBase64(base64)
  return name && bytes && bytes.length > 4 ? { name, id: bytes.slice(0, 4), bytes: bytes.slice(4) } : undefined
}

/** Only the one canonical form: with another one, two texts would be the same note. */
export function fromBase64(text: string) {
  try {
    const binary = atob(text)
    return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : undefined
  } catch {
    // Not base64 at all: the same answer.
    return undefined
  }
}

function keyBroken(detail: string) {
  return new AegisProblem({ status: 0, code: "key-broken", detail })
}
