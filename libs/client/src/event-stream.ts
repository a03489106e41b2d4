import { AegisProblem } from "./aegis-problem.ts"
import { Connection } from "./connection.ts"
import type { Event as AegisEvent } from "./generated/types.gen.ts"
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

/** The log no longer has, or never had, what lies between. `to` below `from`: the log was set back to `to`. */
export interface Gap {
  readonly type: "gap"
  readonly from: number
  readonly to: number
}

/** How a stream stands with its server. It reconnects by itself; this is for those who show it. */
export type ConnectionState =
  | { readonly type: "open" }
  /** The reason, where there is one beside the cut itself, and how long until the next attempt. */
  | { readonly type: "lost"; readonly error: unknown; readonly retryMs: number }

export interface EventsOptions {
  /** Events with a greater `seq`; 0 and absent: from the first. */
  readonly after?: number | undefined
  /** Ends the loop, without an error. */
  readonly signal?: AbortSignal | undefined
  /** A connection without a byte for so long is given up and made anew. Default 30,000. */
  readonly silenceMs?: number | undefined
  /** Told when the stream is connected, and when it is not. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined
}

/** Where a stream comes from. */
export interface StreamSource {
  readonly baseUrl: string
  readonly path: string
  readonly fetch: typeof fetch
  readonly credentials: "same-origin" | "omit"
  readonly createToken: (signal: AbortSignal) => Promise<StreamToken>
}

interface StreamToken {
  readonly token: string
  readonly expiresAt: string
}

/** How far a reader has come, over all its connections. */
interface Place {
  cursor: number
  token: StreamToken | undefined
  retryMs: number
  /** Connections since the last one that brought a frame. */
  failures: number
  hasConnected: boolean
}

const LONGEST_WAIT_MS = 60_000

/**
 * Events of a session, or of all, from a cursor on and then live. A cut connection is made anew after the last event that
 * was seen: none comes twice, none is left out. Rejects when the first connection finds nobody or when it may not read.
 */
export async function* eventStream(
  source: StreamSource,
  { after = 0, signal, silenceMs = 30_000, onConnection }: EventsOptions,
): AsyncGenerator<RawEvent | Gap> {
  const place: Place = { cursor: after, token: undefined, retryMs: 1000, failures: 0, hasConnected: false }
  while (!signal?.aborted) {
    const connection = new Connection({ silenceMs, signal, baseUrl: source.baseUrl })
    place.failures += 1
    let failure: unknown
    try {
      const response = await connect(source, place, connection)
      onConnection?.({ type: "open" })
      const { reason, wasQuiet } = yield* readFrames(connection.chunksOf(response), place)
      if (reason === "session-ended") return
      if (reason === "token-expired") {
        place.token = undefined
        // Nobody waits for a token that was used up; only one that was refused at once would lead in circles.
        if (!wasQuiet) continue
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!place.hasConnected || !AegisProblem.mayPass(error)) throw error
      failure = error
    } finally {
      connection.close()
    }
    // Rejects with the signal only, and then the loop ends.
    const retryMs = waitMs(place)
    onConnection?.({ type: "lost", error: failure, retryMs })
    await pause(retryMs, signal).catch(() => undefined)
  }
}

/** An open stream. A refused token is renewed once: they are short-lived. */
async function connect(source: StreamSource, place: Place, { signal }: Connection) {
  let response = await ask(source, place, signal)
  if (response.status === 401) {
    await response.body?.cancel()
    place.token = undefined
    response = await ask(source, place, signal)
  }
  if (!response.ok) throw AegisProblem.fromAnswer(await readJson(response), response)
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream"))
    throw AegisProblem.unreadable(response.status)
  place.hasConnected = true
  return response
}

async function ask(
  { baseUrl, path, fetch, credentials, createToken }: StreamSource,
  place: Place,
  signal: AbortSignal,
) {
  if (place.token && Date.parse(place.token.expiresAt) <= Date.now()) place.token = undefined
  place.token ??= await createToken(signal)
  const headers = { Accept: "text/event-stream", Authorization: `Bearer ${place.token.token}` }
  const url = `${baseUrl}${path}?after=${place.cursor}`
  try {
    return await fetch(new Request(url, { headers, credentials, signal }))
  } catch (error) {
    throw AegisProblem.unreachable(baseUrl, error)
  }
}

async function* readFrames(
  body: AsyncIterable<Uint8Array>,
  place: Place,
): AsyncGenerator<RawEvent | Gap, { readonly reason: string; readonly wasQuiet: boolean }> {
  let wasQuiet = true
  for await (const frame of sseFrames(body)) {
    place.failures = 0
    place.retryMs = frame.retry ?? place.retryMs
    if (frame.event === "bye") return { reason: (parse(frame) as { readonly reason: string }).reason, wasQuiet }
    wasQuiet &&= frame.retry !== undefined
    const item = toItem(frame)
    // A server that was cut off may send once more what has arrived already.
    if (item === undefined || (item.type === "event" && item.seq <= place.cursor)) continue
    place.cursor = item.type === "gap" ? item.to : item.seq
    yield item
  }
  return { reason: "cut", wasQuiet }
}

function toItem(frame: SseFrame): RawEvent | Gap | undefined {
  if (frame.data === undefined) return undefined
  if (frame.event === "gap") return { type: "gap", ...(parse(frame) as { readonly from: number; readonly to: number }) }
  // What has no number is no event of the log: something that a later server says beside it.
  if (frame.id === undefined) return undefined
  const event = parse(frame) as AegisEvent
  return { type: "event", seq: event.seq, json: frame.data, event }
}

function parse({ data = "{}" }: SseFrame): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw AegisProblem.unreadable(200, { cause })
  }
}

// At least what the server asks for; not all readers at once; and ever more slowly where nobody answers.
function waitMs({ retryMs, failures }: Place) {
  return Math.min(retryMs * 2 ** Math.max(0, failures - 1) * (1 + Math.random() / 2), LONGEST_WAIT_MS)
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    // No JSON: the status says it.
    return undefined
  }
}
