import { AegisProblem } from "./aegis-problem.ts"

/** The hash before a stream's first event. */
export const EMPTY_HASH = "0".repeat(64)

const DATA_MEMBER = ',"data":'

export interface VerifyHistoryOptions {
  /** The hash before the first text; absent: the texts begin with the stream. */
  readonly from?: string | undefined
}

/**
 * Recomputes the rolling hash of a stream from its events' texts (spec of the hash: the README of @aegis/event-log).
 * Gives the hash after the last one. Rejects with `history-broken`, naming the first event whose hash is another.
 */
export async function verifyHistory(
  texts: Iterable<string> | AsyncIterable<string>,
  salt: string,
  { from = EMPTY_HASH }: VerifyHistoryOptions = {},
): Promise<string> {
  let hash = fromHex(from)
  for await (const text of texts) {
    const { seq, head, data, hash: said } = split(text)
    const dataHash = await sha256(fromHex(salt), bigEndian(seq), encode(data))
    const leaf = await sha256(encode(`\0${head}"${toHex(dataHash)}"}`))
    hash = await sha256(hash, leaf)
    if (toHex(hash) !== said)
      throw broken(`Event ${seq} does not follow from those before it: something was changed, left out or put in.`)
  }
  return toHex(hash)
}

function split(text: string) {
  const tail = /,"hash":"([0-9a-f]{64})"\}$/.exec(text)
  const start = text.indexOf(DATA_MEMBER) + DATA_MEMBER.length
  const seq = Number(/^\{"seq":(\d+),/.exec(text)?.[1])
  if (!tail?.[1] || !(seq > 0) || start < DATA_MEMBER.length) throw broken("This text is not an event of Aegis.")
  return { seq, head: text.slice(0, start), data: text.slice(start, tail.index), hash: tail[1] }
}

function broken(detail: string) {
  return new AegisProblem({ status: 0, code: "history-broken", detail })
}

async function sha256(...parts: readonly Uint8Array[]) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole))
}

function bigEndian(number: number) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number))
  return bytes
}

function encode(text: string) {
  return new TextEncoder().encode(text)
}

function fromHex(hex: string) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function toHex(bytes: Uint8Array) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
