import type { AegisParts } from "./aegis-parts.ts"

/** What says what time it is, and when a time has come. */
export type Clock = Pick<AegisParts, "now" | "ringAt">

/** A machine that has slept, or whose clock was set, has not counted that time: so often it is looked what time it is. */
const LONGEST_MS = 60_000

/** The machine's own. */
export const machineClock: Clock = {
  now: () => new Date(),
  ringAt: (at, ring) => {
    let timer = waitOn()
    return () => clearTimeout(timer)

    function waitOn() {
      return setTimeout(lookAgain, Math.min(leftUntil(at), LONGEST_MS))
    }

    function lookAgain() {
      if (leftUntil(at) > 0) timer = waitOn()
      else ring()
    }
  },
}

function leftUntil(at: Date) {
  return Math.max(0, at.getTime() - Date.now())
}
