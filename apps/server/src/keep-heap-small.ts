import { setFlagsFromString } from "node:v8"

/**
 * Megabytes; for Node's command line. Without it a server that has once been busy keeps over 100 MB more than it uses; it is
 * no slower with it.
 */
export const SMALL_NURSERY = "--max-semi-space-size=8"

/**
 * For a process that is a server and nothing else: garbage is collected when there is a fifth more than what is used, not
 * when there is as much again or more, which a server that was busy for a moment would keep for ever. A turn of 100,000
 * chunks leaves about half as much behind, and takes no longer.
 */
export function keepHeapSmall() {
  setFlagsFromString("--heap-growing-percent=20")
}
