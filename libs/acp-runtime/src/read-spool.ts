import { existsSync, readFileSync } from "node:fs"
import { open, readdir } from "node:fs/promises"
import { join } from "node:path"
import type { AgentFrame } from "./agent-host.ts"
import { segmentName } from "./file-spool.ts"
import type { EndedRun } from "./host-message.ts"
import { END_FILE } from "./hosted-agent.ts"
import { LineSplitter } from "./line-splitter.ts"

/** The complete lines of a spool that nobody writes any more, from the offset on. */
export async function* readSpool(folder: string, after: number): AsyncGenerator<readonly AgentFrame[]> {
  const all = await segmentStarts(folder)
  const starts = all.slice(
    Math.max(
      0,
      all.findLastIndex((start) => start <= after),
    ),
  )
  const begin = Math.max(after, starts[0] ?? after)
  let hasGap = begin > after
  const lines = new LineSplitter(begin)
  for (const start of starts) {
    for await (const bytes of readFrom(join(folder, segmentName(start)), Math.max(0, begin - start))) {
      const frames = lines.push(bytes)
      // After a gap the first line may be the rest of one.
      const [, next] = hasGap ? frames.splice(0, 2) : []
      if (next) frames.unshift({ ...next, isAfterGap: true })
      hasGap &&= next === undefined
      if (frames.length > 0) yield frames
    }
  }
}

/** How a run ended, where its host lived to write it down. */
export function readEnd(folder: string): EndedRun | undefined {
  const path = join(folder, END_FILE)
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as EndedRun) : undefined
}

async function segmentStarts(folder: string) {
  const names = await readdir(folder).catch(() => [])
  return names
    .flatMap((name) => /^(\d+)\.spool$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other)
}

async function* readFrom(path: string, position: number) {
  const file = await open(path, "r")
  try {
    yield* file.createReadStream({ start: position, autoClose: false }) as AsyncIterable<Buffer>
  } finally {
    await file.close()
  }
}
