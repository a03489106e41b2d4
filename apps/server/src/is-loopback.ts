import { BlockList, isIP } from "node:net"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8)
loopback.addAddress("::1", "ipv6")

/** Whether only this machine reaches what listens there; of a name but `localhost` nobody knows. */
export function isLoopback(host: string) {
  if (isIP(host) === 0) return host === "localhost"
  return loopback.check(host, isIP(host) === 6 ? "ipv6" : "ipv4")
}
