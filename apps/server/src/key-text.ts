import { createHash, randomInt } from "node:crypto"
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
  readonly keyId?: string | undefined
}

export function makeKeyText({ keyId = randomDigits(ID_DIGITS) }: MakeKeyTextOptions = {}): KeyText {
  const body = `${PREFIX}_${keyId}_${randomDigits(SECRET_DIGITS)}`
  const text = `${body}${checksumOf(body)}`
  return { keyId, text, digest: digestOf(text) }
}

/** Which key it says it is; undefined for what is none. Whether it is a good one its digest tells. */
export function readKeyText(text: string): Pick<KeyText, "keyId" | "digest"> | undefined {
  const [, body = "", keyId = "", checksum] = FORM.exec(text) ?? []
  return keyId !== "" && checksumOf(body) === checksum ? { keyId, digest: digestOf(text) } : undefined
}

function randomDigits(count: number) {
  return Array.from({ length: count }, () => DIGITS[randomInt(DIGITS.length)]).join("")
}

function checksumOf(body: string) {
  const checksum = crc32(body)
  const digit = (place: number) => DIGITS[Math.floor(checksum / DIGITS.length ** place) % DIGITS.length]
  return Array.from({ length: CHECK_DIGITS }, (_, place) => digit(place)).join("")
}

function digestOf(text: string) {
  return createHash("sha256").update(text).digest("hex")
}
