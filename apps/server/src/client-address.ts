import type { IncomingMessage } from "node:http"
import { BlockList, isIP } from "node:net"

/**
 * Where a request comes from. What a proxy says of it counts only when the proxy is a trusted one, and of what it says the
 * last address that is none itself: whoever calls can write anything before that (spec/threats.md, A4).
 */
export function clientAddress({ socket, headers }: IncomingMessage, trusted: BlockList) {
  const peer = plain(socket.remoteAddress ?? "")
  if (!isIn(trusted, peer)) return peer
  const told = [headers["x-forwarded-for"] ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((address) => plain(address.trim()))
  return told.findLast((address) => isIP(address) !== 0 && !isIn(trusted, address)) ?? peer
}

/** Whether it is an address, or a network such as `10.0.0.0/8`. */
export function isNetwork(text: string) {
  const [address = "", length, ...rest] = text.split("/")
  const bits = isIP(address) === 6 ? 128 : 32
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits))
  )
}

export function addressList(networks: readonly string[]) {
  const list = new BlockList()
  for (const network of networks) {
    const [address = "", length] = network.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return list
}

/** Who has one address of the sixth version has a whole network of them. */
export function networkOf(address: string) {
  if (isIP(address) !== 6) return address
  const [head = "", tail] = address.split("::")
  const left = head.split(":").filter(Boolean)
  const right = tail === undefined ? [] : tail.split(":").filter(Boolean)
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0")
  return [...left, ...gap, ...right].slice(0, 4).join(":")
}

function isIn(list: BlockList, address: string) {
  const version = isIP(address)
  return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4")
}

/** An address of the fourth version as one of the sixth is the same one. */
function plain(address: string) {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")
}
