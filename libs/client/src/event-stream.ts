import { AegisProblem } from "./aegis-problem.ts"
import type { Event as AegisEvent, CreateSseTokenResponses } from "./generated/types.gen.ts"
import { pause } from "./patient-fetch.ts"
import { type SseFrame, sseFrames } from "./sse-frames.ts"

/** An event as it is on the wire. */
export interface RawEvent {
  readonly type: "event"
  readonly seq: number
  /** The envelope's text: what a history is verified from. */
  readonly json: string
  readonly event: AegisEvent
}

/** The log no longer has, or never had, what lies between. */
export interface Gap {
  readonly type: "gap"
  readonly from: number
  readonly to: number
}

export interface EventsOptions {
  /** Events with a greater `seq`; 0 and absent: from the first. */
  readonly after?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** A connection without a byte for so long is given up and made anew. Default 30,000. */
  readonly silenceMs?: number | undefined
}

export interface EventSource {
  readonly url: string
  readonly fetch: typeof fetch
  readonly createToken: (signal: AbortSignal | undefined) => Promise<CreateSseTokenResponses[201]>
}

/**
 * Events of a session, or of all, from a cursor on and then live. A cut connection is made anew after the last event that
 * was seen: none comes twice, none is left out. Ends when the session has, or with the signal.
 */
export async function* eventStream(
  source: EventSource,
  { after = 0, signal, silenceMs = 30_000 }: EventsOptions,
): AsyncGenerator<RawEvent | Gap> {
  const reader = { cursor: after, retryMs: 1000, failures: 0 }
  let token: string | undefined
  while (!signal?.aborted) {
    const leave = new AbortController()
    const watched = watch(leave, silenceMs, signal)
    try {
      token ??= (await source.createToken(signal)).token
      const response = await source.fetch(`${source.url}?after=${reader.cursor}`, {
        headers: { Authorization: `Bearer ${token}` },
        signal: leave.signal,
      })
      if (!response.ok) {
        // Tokens are short-lived: another one is asked for, and if that is refused, so are we.
        if (response.status !== 401 || reader.failures > 0)
          throw AegisProblem.fromAnswer(await readJson(response), response)
        token = undefined
        reader.failures += 1
        continue
      }
      const end = yield* readFrames(watched.touching(response), reader)
      if (end === "session-ended") return
      if (end === "token-expired") token = undefined
    } catch (error) {
      if (signal?.aborted) return
      if (AegisProblem.is(error) && error.status >= 400 && error.status < 500) throw error
      reader.failures += 1
    } finally {
      watched.stop()
      leave.abort()
    }
    await pause(waitMs(reader), signal).catch(() => undefined)
  }
}

interface ReaderState {
  cursor: number
  retryMs: number
  failures: number
}

async function* readFrames(
  body: AsyncIterable<Uint8Array>,
  reader: ReaderState,
): AsyncGenerator<RawEvent | Gap, string> {
  for await (const frame of sseFrames(body)) {
    reader.failures = 0
    reader.retryMs = frame.retry ?? reader.retryMs
    if (frame.event === "bye") return (JSON.parse(frame.data ?? "{}") as { reason?: string }).reason ?? "cut"
    const item = toItem(frame)
    if (item?.type === "gap") reader.cursor = item.to
    // What was seen before the cut may be sent once more by a server that does not know that it arrived.
    else if (!item || item.seq <= reader.cursor) continue
    else reader.cursor = item.seq
    yield item
  }
  return "cut"
}

function toItem({ id, event, data }: SseFrame): RawEvent | Gap | undefined {
  if (data === undefined) return undefined
  if (event === "gap") return { type: "gap", ...(JSON.parse(data) as { from: number; to: number }) }
  return id === undefined
    ? undefined
    : { type: "event", seq: Number(id), json: data, event: JSON.parse(data) as AegisEvent }
}

/** Aborts the connection after too long a silence, and with the caller's signal. */
function watch(leave: AbortController, silenceMs: number, signal: AbortSignal | undefined) {
  const abort = () => leave.abort()
  let timer = setTimeout(abort, silenceMs)
  signal?.addEventListener("abort", abort, { once: true })
  return {
    async *touching({ body }: Response) {
      const reader = body?.getReader()
      for (;;) {
        const { done = true, value } = (await reader?.read()) ?? {}
        if (done || !value) return
        clearTimeout(timer)
        timer = setTimeout(abort, silenceMs)
        yield value
      }
    },
    stop() {
      clearTimeout(timer)
      signal?.removeEventListener("abort", abort)
    },
  }
}

// Not all at once after a server's restart, and not ever faster against one that is down.
function waitMs({ retryMs, failures }: ReaderState) {
  return Math.min(retryMs * 2 ** failures, 30_000) * (0.5 + Math.random() / 2)
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    // No JSON: the status says it.
    return undefined
  }
}
