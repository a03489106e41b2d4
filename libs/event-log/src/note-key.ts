import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from "node:crypto"
import { EventLogError } from "./event-log-error.ts"
import { fromBase64, toBase64 } from "./strict-base64.ts"

export interface CreateNoteKeyOptions {
  readonly random?: (length: number) => Uint8Array
}

/** A fresh Ed25519 key as texts: `skey` signs and is kept secret, `vkey` goes to whoever verifies. */
export function createNoteKey(name: string, { random = randomBytes }: CreateNoteKeyOptions = {}) {
  if (!isKeyName(name)) throw unreadable(`"${name}" cannot name a key: it is empty, or has a space or a plus.`)
  const seed = random(SEED_LENGTH)
  const key = { name, publicKey: publicBytes(privateKeyOf(seed)) }
  return {
    skey: `PRIVATE+KEY+${name}+${keyId(key).toString("hex")}+${toBase64(ED25519, seed)}`,
    vkey: toVkey(key),
  }
}

/** Who signs notes. */
export interface NoteSigner {
  readonly name: string
  /** Four bytes that tell keys of one name apart. */
  readonly id: Uint8Array
  readonly vkey: string
  sign(text: string): Uint8Array
}

/** Reads `PRIVATE+KEY+<name>+<id>+<0x01 and seed in base64>`; fails with `note-invalid`. */
export function readSigner(skey: string): NoteSigner {
  const { name, id, bytes: seed } = split(skey.replace(/^PRIVATE\+KEY\+/, ""), skey.startsWith("PRIVATE+KEY+"))
  const privateKey = privateKeyOf(seed)
  const key = { name, publicKey: publicBytes(privateKey) }
  checkId(id, key)
  return { name, id, vkey: toVkey(key), sign: (text) => sign(null, Buffer.from(text), privateKey) }
}

/** Whose signature a note needs. */
export interface NoteVerifier {
  readonly name: string
  readonly id: Uint8Array
  verify(text: string, signature: Uint8Array): boolean
}

/** Reads `<name>+<id>+<0x01 and public key in base64>`; fails with `note-invalid`. */
export function readVerifier(vkey: string): NoteVerifier {
  const { name, id, bytes } = split(vkey, !vkey.startsWith("PRIVATE+KEY+"))
  checkId(id, { name, publicKey: bytes })
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: "der", type: "spki" })
  return { name, id, verify: (text, signature) => verify(null, Buffer.from(text), publicKey, signature) }
}

/** No Unicode space and no plus (C2SP signed-note, Format). */
export function isKeyName(name: string) {
  return name !== "" && name.isWellFormed() && !/[\s\p{White_Space}\p{Cc}+]/u.test(name)
}

/** The signature type of Ed25519 (C2SP signed-note, Signature types). */
const ED25519 = Uint8Array.of(1)
const SEED_LENGTH = 32
// What stands before the 32 bytes in the DER form of the two keys (RFC 8410).
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex")
const SPKI = Buffer.from("302a300506032b6570032100", "hex")

interface PublicKey {
  readonly name: string
  readonly publicKey: Uint8Array
}

function toVkey(key: PublicKey) {
  return `${key.name}+${keyId(key).toString("hex")}+${toBase64(ED25519, key.publicKey)}`
}

/** SHA-256(name ‖ newline ‖ 0x01 ‖ public key), cut to four bytes. */
function keyId({ name, publicKey }: PublicKey) {
  return hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), ED25519, publicKey]), "buffer").subarray(0, 4)
}

function split(text: string, isOfKind: boolean) {
  const [, name = "", id = "", base64 = ""] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? []
  const bytes = fromBase64(base64)
  // What is wrong with a secret is not shown with it.
  if (!isOfKind || !isKeyName(name) || bytes?.length !== 1 + SEED_LENGTH || bytes[0] !== ED25519[0])
    throw unreadable("This text is not an Ed25519 key of signed notes (<name>+<id>+<base64>).")
  return { name, id: Buffer.from(id, "hex"), bytes: bytes.subarray(1) }
}

function checkId(id: Uint8Array, key: PublicKey) {
  if (!keyId(key).equals(id)) throw unreadable(`The key ${key.name} has an id that is not its own: a letter is wrong.`)
}

function privateKeyOf(seed: Uint8Array) {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" })
}

function publicBytes(privateKey: KeyObject) {
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(SPKI.length)
}

function unreadable(message: string) {
  return new EventLogError("note-invalid", message)
}
