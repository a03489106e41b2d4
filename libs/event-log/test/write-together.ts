import type { EventLog, LogEvent } from "../src/index.ts"

export interface WriteTogetherOptions {
  readonly seed: number
  /** Events that this one writes. */
  readonly count: number
  /** Events that all of them write. */
  readonly total: number
}

/** What one writer was told, and what it saw. */
export interface Account {
  /** `seq` and text of each entry that its appends were answered with. */
  readonly acknowledged: readonly (readonly [seq: number, json: string])[]
  /** The text of each entry of its tail, in that order. */
  readonly seen: readonly string[]
  readonly conflicts: number
}

/** Appends batches of random size to random streams, some with expected versions, and follows the log until all is there. */
export async function writeTogether(
  log: EventLog<LogEvent>,
  { seed, count, total }: WriteTogetherOptions,
): Promise<Account> {
  const random = randomOf(seed)
  const reading = readAll(log, total)
  const acknowledged: (readonly [number, string])[] = []
  let [written, conflicts] = [0, 0]
  while (written < count) {
    const size = Math.min(count - written, 1 + Math.floor(random() * 5))
    const streams = Array.from({ length: size }, () => `s${Math.floor(random() * 4)}`)
    const expected = random() < 0.5 ? streams[0] : undefined
    const request = {
      events: streams.map((stream, index) => ({ stream, event: { type: "said", data: `${seed}/${written + index}` } })),
      streams: expected ? [{ stream: expected, expectedSeq: (await log.streamHead(expected))?.seq ?? 0 }] : [],
    }
    const result = await log.append(request).catch((error: { readonly code?: string }) => {
      if (error.code !== "version-conflict") throw error
      return undefined
    })
    if (result === undefined) {
      conflicts += 1
      continue
    }
    written += size
    acknowledged.push(...result.entries.map(({ seq, json }) => [seq, json] as const))
  }
  return { acknowledged, seen: await reading, conflicts }
}

async function readAll(log: EventLog<LogEvent>, total: number) {
  const seen: string[] = []
  for await (const page of log.tail({ after: 0 })) {
    seen.push(...page.map(({ json }) => json))
    if (seen.length >= total) break
  }
  return seen
}

/** Mulberry32: the same numbers for the same seed, on every machine. */
function randomOf(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
