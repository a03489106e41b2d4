/** A server in the same process: its streams give exactly the chunks that a test says, and tell when they are left. */
export function playFetch(...plays: readonly ((after: number) => Play)[]) {
  const asked: number[] = []
  const left: number[] = []
  const fetch = async (input: RequestInfo | URL) => {
    const { url } = input as Request
    const { pathname, searchParams } = new URL(url)
    if (pathname === "/v1/auth/sse-token") return Response.json({ token: "sse_1" }, { status: 201 })
    const number = asked.push(Number(searchParams.get("after")))
    const play = plays[number - 1]
    if (!play) throw new TypeError("Nobody is there any more.")
    const { chunks, isOpen = false } = play(asked.at(-1) ?? 0)
    return new Response(streamOf(chunks, { isOpen, cancel: () => void left.push(number) }), {
      headers: { "Content-Type": "text/event-stream; charset=utf-8" },
    })
  }
  return { fetch, asked, left }
}

interface Play {
  readonly chunks: readonly (string | Uint8Array)[]
  /** Stays open after the last chunk. */
  readonly isOpen?: boolean
}

function streamOf(chunks: Play["chunks"], { isOpen, cancel }: { isOpen: boolean; cancel: () => void }) {
  let next = 0
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk !== undefined) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk)
      else if (isOpen) return new Promise<void>(() => {})
      else controller.close()
    },
    cancel,
  })
}
