import { hash } from "node:crypto"
import { EventLogError } from "./event-log-error.ts"

/** The hash before a stream's first event. */
export const EMPTY_HASH = "0".repeat(64)

/** A part of a recorded event: `head` ends in `,"data":`, and the envelope is head + data + `}`. */
export interface EncodedEvent {
  readonly seq: number
  readonly head: string
  readonly data: string
}

/**
 * The rolling hash of a stream after one more event (spec/events.md, Envelope):
 *
 *     own      = SHA-256(salt ‖ seq as 8 bytes, big-endian)
 *     dataHash = SHA-256(own ‖ data)
 *     leaf     = SHA-256(0x00 ‖ head ‖ '"' dataHash in hex '"' ‖ '}')
 *     next     = SHA-256(previous ‖ leaf)
 *
 * An event's own salt says nothing of its neighbours': one event can be shown and verified while another of its stream is
 * hidden, and what was hidden is not found by trying.
 */
export function nextHash(previous: string, event: EncodedEvent, salt: string) {
  return chain(previous, leafOf(event.head, dataHashOf(event, salt)))
}

/** Cuts an envelope's JSON text (an entry's `json`) into the parts that were hashed, and the hash it carries. */
export function splitEnvelope(json: string): EncodedEvent & { readonly hash: string } {
  const match = /,"hash":"([0-9a-f]{64})"\}$/.exec(json)
  const start = json.indexOf(DATA_MEMBER) + DATA_MEMBER.length
  const seq = /^\{"seq":(\d+),/.exec(json)?.[1]
  if (!match?.[1] || seq === undefined || start < DATA_MEMBER.length)
    throw new EventLogError(
      "event-invalid",
      "This text is not an event of this log: seq, data and hash are not where they belong.",
    )
  return { seq: Number(seq), head: json.slice(0, start), data: json.slice(start, match.index), hash: match[1] }
}

/** Where `data` begins. Inside a JSON string its quotes are escaped, so the first place it stands is the member. */
export const DATA_MEMBER = ',"data":'

/** What stands for an event's data in its leaf, also when the data is erased. */
export function dataHashOf({ seq, data }: EncodedEvent, salt: string) {
  return hash("sha256", Buffer.concat([Buffer.from(ownSaltOf(seq, salt), "hex"), Buffer.from(data)]))
}

/** The salt of one event, made from its stream's: what verifying it alone takes. */
export function ownSaltOf(seq: number, salt: string) {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(seq))
  return hash("sha256", Buffer.concat([Buffer.from(salt, "hex"), number]))
}

/** What an event is in the rolling hash, and a leaf in the Merkle tree (RFC 6962, 2.1): made without its data. */
export function leafOf(head: string, dataHash: string) {
  return hash("sha256", `\0${head}"${dataHash}"}`)
}

function chain(previous: string, leaf: string) {
  return hash("sha256", Buffer.from(previous + leaf, "hex"))
}
