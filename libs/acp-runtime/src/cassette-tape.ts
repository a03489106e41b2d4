import type { Cassette, CassetteFrame, CassetteHeader } from "./cassette.ts"
import { parseFrameId } from "./frame-id.ts"
import { isRecord, type JsonRecord } from "./json-record.ts"

/** What one process of a replay plays: a run of the agent, and those after it. */
export interface CassetteTape {
  readonly frames: readonly CassetteFrame[]
  readonly runs: CassetteHeader["runs"]
  /** The mode that the session was set to before the first prompt, in the agent's own word; undefined: it was not. */
  readonly mode?: string
}

/**
 * The tape for a process that begins after so many prompts; undefined: none of the recorded ones began there. Where several
 * did, the last: the others had no prompt.
 */
export function tapeAfter({ header, frames }: Cassette, prompts: number): CassetteTape | undefined {
  const counts = header.runs.map(() => 0)
  for (const frame of frames) if (isPrompt(frame)) counts[frame.run - 1] = (counts[frame.run - 1] ?? 0) + 1
  let before = 0
  let first: number | undefined
  for (const [index, count] of counts.entries()) {
    if (before === prompts) first = index + 1
    before += count
  }
  if (first === undefined) return undefined
  const mode = modeOf(frames.filter(({ run }) => run === first))
  const rest = frames.filter(({ run }) => run >= first)
  return { frames: rest, runs: header.runs, ...(mode === undefined ? {} : { mode }) }
}

/** Whether it asks the agent to do something. */
export function isPrompt({ from, frame }: CassetteFrame) {
  return from === "client" && frame?.method === "session/prompt"
}

function modeOf(frames: readonly CassetteFrame[]) {
  const asked = frames.find(({ from, frame }) => from === "client" && frame && isHandshakeMode(frame))
  const { modeId, value } = isRecord(asked?.frame?.params) ? asked.frame.params : {}
  return [modeId, value].find((mode) => typeof mode === "string")
}

function isHandshakeMode({ id }: JsonRecord) {
  const named = typeof id === "string" ? parseFrameId(id) : undefined
  return named?.type === "mode" && named.n === 0
}
