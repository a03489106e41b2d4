import type { Cassette, CassetteFrame, CassetteHeader } from "./cassette.ts"
import { parseFrameId } from "./frame-id.ts"
import { isRecord } from "./json-record.ts"

/** What one process of a replay plays: a run of the agent, and those after it. */
export interface CassetteTape {
  readonly frames: readonly CassetteFrame[]
  readonly runs: CassetteHeader["runs"]
}

/** The tape for a process that begins after so many prompts; undefined: none of the recorded ones began there. */
export function tapeAfter(cassette: Cassette, prompts: number): CassetteTape | undefined {
  const start = startsOf(cassette).get(prompts)
  if (!start) return undefined
  return { frames: cassette.frames.filter(({ run }) => run >= start.run), runs: cassette.header.runs }
}

/** Where a process may begin. */
export interface CassetteStart {
  readonly run: number
  /** The mode that its session was set to before the first prompt, in the agent's own word; undefined: it was not. */
  readonly mode: string | undefined
}

/** Where processes began, by how many prompts there were before. Of several the last: the others had no prompt. */
export function startsOf({ header, frames }: Cassette): ReadonlyMap<number, CassetteStart> {
  const counts = header.runs.map(() => 0)
  for (const frame of frames) if (isPrompt(frame)) counts[frame.run - 1] = (counts[frame.run - 1] ?? 0) + 1
  const modes = new Map(frames.flatMap((frame) => (isModeOfStart(frame) ? [[frame.run, modeIn(frame)]] : [])))
  const starts = new Map<number, CassetteStart>()
  let before = 0
  for (const [index, count] of counts.entries()) {
    starts.set(before, { run: index + 1, mode: modes.get(index + 1) })
    before += count
  }
  return starts
}

/** Whether it asks the agent to do something. */
export function isPrompt({ from, frame }: CassetteFrame) {
  return from === "client" && frame?.method === "session/prompt"
}

function isModeOfStart({ from, frame }: CassetteFrame) {
  const id = from === "client" && typeof frame?.id === "string" ? parseFrameId(frame.id) : undefined
  return frame?.method !== undefined && id?.type === "mode" && id.n === 0
}

function modeIn({ frame }: CassetteFrame) {
  const { modeId, value } = isRecord(frame?.params) ? frame.params : {}
  return [modeId, value].find((mode) => typeof mode === "string")
}
