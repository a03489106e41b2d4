import ipaddr from "ipaddr.js"

/** Whether an address is one of the open internet: not this machine's, its network's, or one that leads to such by another way. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  return ipaddr.process(address).range() === "unicast"
}
