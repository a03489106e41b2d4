import { AegisProblem } from "./aegis-problem.ts"

const TRIES = 3
const LONGEST_WAIT_MS = 10_000

/** A fetch that tries again where that is safe: reading, when nobody answered or the server asked to wait. */
export function patientFetch(fetch: typeof globalThis.fetch, baseUrl: string): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    for (let attempt = 1; ; attempt++) {
      const mayRepeat = request.method === "GET" && attempt < TRIES
      try {
        const response = await fetch(mayRepeat ? request.clone() : request)
        if (!mayRepeat || response.status !== 503) return response
        await response.body?.cancel()
        await pause(Number(response.headers.get("Retry-After") ?? 1) * 1000, request.signal)
      } catch (error) {
        if (request.signal.aborted) throw error
        if (!mayRepeat) throw unreachable(baseUrl, error)
        await pause(100 * 2 ** attempt, request.signal)
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
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", leave)
        resolve()
      },
      Math.min(milliseconds, LONGEST_WAIT_MS),
    )
    if (signal?.aborted) leave()
    else signal?.addEventListener("abort", leave, { once: true })
  })
}

function unreachable(baseUrl: string, cause: unknown) {
  return new AegisProblem(
    {
      status: 0,
      code: "unreachable",
      detail: `No server answers at ${baseUrl}. Start it (ag server start), or check the address.`,
    },
    { cause },
  )
}
