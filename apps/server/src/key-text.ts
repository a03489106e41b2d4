import { createHash, createHmac, randomBytes } from "node:crypto"
import { crc32 } from "node:zlib"

// A key is `agk_<id>_<secret><checksum>`: a prefix and a checksum, so that programs that look for leaked secrets find it
// and find nothing else; an id, so that it can be named without being shown.

const PREFIX = "agk"
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const ID_DIGITS = 12
/** 190 bits. */
const SECRET_DIGITS = 32
const CHECK_DIGITS = 6
const FORM = new RegExp(
  `^(${PREFIX}_([0-9A-Za-z]{${ID_DIGITS}})_[0-9A-Za-z]{${SECRET_DIGITS}})([0-9A-Za-z]{${CHECK_DIGITS}})$`,
)

/** A key as it is handed out, once. */
export interface KeyText {
  readonly keyId: string
  readonly text: string
  /** What is kept of it. */
  readonly digest: string
}

export interface MakeKeyTextOptions {
  /** The key that gets another secret; absent: it is a new one. */
  readonly keyId?: string
  /** Whoever makes the same wish with the same name gets the same key: it is made from both. Absent: it is random. */
  readonly from?: { readonly secret: string; readonly wish: string } | undefined
}

export function makeKeyText({ keyId, from }: MakeKeyTextOptions = {}): KeyText {
  const number = from ? numberFrom(from) : numberOf(randomBytes(64))
  const id = keyId ?? digitsOf(number, ID_DIGITS)
  const body = `${PREFIX}_${id}_${digitsOf(number / BigInt(DIGITS.length) ** BigInt(ID_DIGITS), SECRET_DIGITS)}`
  const text = `${body}${checksumOf(body)}`
  return { keyId: id, text, digest: digestOf(text) }
}

/** Which key it says it is; undefined for what is none. Whether it is a good one its digest tells. */
export function readKeyText(text: string): Pick<KeyText, "keyId" | "digest"> | undefined {
  const [, body = "", keyId = "", checksum] = FORM.exec(text) ?? []
  return keyId !== "" && checksumOf(body) === checksum ? { keyId, digest: digestOf(text) } : undefined
}

function numberFrom({ secret, wish }: { readonly secret: string; readonly wish: string }) {
  return numberOf(createHmac("sha512", secret).update(`access key\0${wish}`).digest())
}

function numberOf(bytes: Buffer) {
  return BigInt(`0x${bytes.toString("hex")}`)
}

function checksumOf(body: string) {
  return digitsOf(BigInt(crc32(body)), CHECK_DIGITS)
}

function digitsOf(number: bigint, count: number) {
  const base = BigInt(DIGITS.length)
  return Array.from({ length: count }, (_, index) => DIGITS[Number((number / base ** BigInt(index)) % base)]).join("")
}

function digestOf(text: string) {
  return createHash("sha256").update(text).digest("hex")
}
