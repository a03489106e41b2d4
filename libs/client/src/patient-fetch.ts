import { retryAfterOf } from "./aegis-problem.ts"

const TRIES = 3
/** Who is asked to wait longer is told so, instead of being kept waiting. */
const LONGEST_WAIT_SECONDS = 10

/**
 * A fetch that tries again where that is safe: what only reads and what carries an Idempotency-Key, when nobody answered or
 * the server asked to wait.
 */
export function patientFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    for (let attempt = 1; ; attempt++) {
      const isSafe = request.method === "GET" || request.headers.has("Idempotency-Key")
      const mayRepeat = isSafe && attempt < TRIES
      try {
        const response = await fetch(mayRepeat ? request.clone() : request)
        const seconds = response.status === 503 || response.status === 429 ? retryAfterOf(response) : undefined
        if (!mayRepeat || seconds === undefined || seconds > LONGEST_WAIT_SECONDS) return response
        await response.body?.cancel()
        await pause(seconds * 1000, request.signal)
      } catch (error) {
        if (request.signal.aborted || !mayRepeat) throw error
        await pause(100 * 2 ** attempt * (1 + Math.random() / 2), request.signal)
      }
    }
  }
}

/** Resolves after the time; rejects when the signal says so. */
export function pause(milliseconds: number, signal: AbortSignal | undefined) {
  return new Promise<void>((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave)
      resolve()
    }, milliseconds)
    if (signal?.aborted) leave()
    else signal?.addEventListener("abort", leave, { once: true })
  })
}
