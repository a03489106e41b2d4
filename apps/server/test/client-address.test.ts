import type { IncomingMessage } from "node:http"
import { expect, it } from "vitest"
import { addressList, clientAddress, isNetwork, networkOf } from "../src/client-address.ts"

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage

it.each([
  ["nobody is believed", [], "10.0.0.1", "1.2.3.4", "10.0.0.1"],
  ["no proxy", ["10.0.0.0/8"], "203.0.113.9", "1.2.3.4", "203.0.113.9"],
  ["a proxy that says nothing", ["10.0.0.0/8"], "10.0.0.1", undefined, "10.0.0.1"],
  ["a proxy", ["10.0.0.0/8"], "10.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["what the caller wrote before it", ["10.0.0.0/8"], "10.0.0.1", "127.0.0.1, 1.2.3.4", "1.2.3.4"],
  ["two proxies", ["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"],
  ["only proxies", ["10.0.0.0/8"], "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.1"],
  ["what is no address", ["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, evil", "1.2.3.4"],
  ["the fourth version in the sixth", ["10.0.0.1"], "::ffff:10.0.0.1", "::FFFF:1.2.3.4", "1.2.3.4"],
  ["the sixth version", ["fd00::/8"], "fd00::1", "2001:db8::7", "2001:db8::7"],
] as const)("the client's address: %s", (_, trusted, peer, forwarded, expected) => {
  expect(clientAddress(from(peer, forwarded), addressList(trusted))).toBe(expected)
})

it.each([
  ["10.0.0.1", "10.0.0.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::7", "2001:db8:0:0"],
  ["2001:db8:1:2::", "2001:db8:1:2"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("%j belongs to %j", (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it("knows addresses and networks", () => {
  const good = ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0", "::/128"]
  const bad = ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0", "*", "10.0.0.0/-1"]
  expect(good.filter((text) => !isNetwork(text))).toEqual([])
  expect(bad.filter(isNetwork)).toEqual([])
})
