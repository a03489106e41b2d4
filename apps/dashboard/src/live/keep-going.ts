import { AegisProblem } from "@aegis/client"

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

interface KeepGoingOptions {
  readonly signal: AbortSignal
  /** Told before each pause. */
  readonly onLost: () => void
}

/** Begins again where waiting may help, ever more slowly; rejects where it cannot. Ends with the signal, without an error. */
export async function keepGoing(attempt: () => Promise<void>, { signal, onLost }: KeepGoingOptions) {
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted) return
      if (!AegisProblem.mayPass(error)) throw error
      onLost()
      await pause(pauseMs, signal)
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal) {
  return new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
