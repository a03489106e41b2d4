import { AegisProblem } from "./aegis-problem.ts"
import { encode, fromHex, sha256, toHex } from "./digest.ts"

const DATA_MEMBER = ',"data":'

/**
 * The leaf of an event's text: what it is in the rolling hash and in the Merkle tree, where the event `seq` has the index
 * `seq - 1` (spec: the README of @aegis/event-log). Rejects with `history-broken` where the text is not an event.
 */
export async function leafOf(text: string, salt: string): Promise<string> {
  return leafOfSalted(text, await sha256(fromHex(salt), bigEndian(splitEvent(text).seq)))
}

/** The same with the event's own salt, which says nothing of its stream's other events. */
export async function leafOfSalted(text: string, ownSalt: Uint8Array) {
  const { head, data } = splitEvent(text)
  return leaf(head, await sha256(ownSalt, encode(data)))
}

/** The same of an event whose data is not shown as it was hashed: with the hash of what it was. */
export function leafOfHidden(text: string, dataHash: Uint8Array) {
  return leaf(splitEvent(text).head, dataHash)
}

async function leaf(head: string, dataHash: Uint8Array) {
  return toHex(await sha256(encode(`\0${head}"${toHex(dataHash)}"}`)))
}

/** An event's text in the parts that are hashed, and the rolling hash that it carries. */
export function splitEvent(text: string) {
  const tail = /,"hash":"([0-9a-f]{64})"\}$/.exec(text)
  const start = text.indexOf(DATA_MEMBER) + DATA_MEMBER.length
  const seq = Number(/^\{"seq":(\d+),/.exec(text)?.[1])
  if (!tail?.[1] || !(seq > 0) || start < DATA_MEMBER.length)
    throw new AegisProblem({ status: 0, code: "history-broken", detail: "This text is not an event of Aegis." })
  return { seq, head: text.slice(0, start), data: text.slice(start, tail.index), hash: tail[1] }
}

function bigEndian(number: number) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number))
  return bytes
}
