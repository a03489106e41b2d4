import type { ResolvedAgent } from "./agent-config.ts"
import { readCassette } from "./cassette.ts"
import { type CassetteStart, startsOf } from "./cassette-tape.ts"
import { programPath } from "./program-path.ts"

/** What is to be known of a cassette before it is played: where processes begin, by the prompts before. */
export type CassetteOutline = ReadonlyMap<number, CassetteStart>

/** Reads a cassette, and holds on to nothing else of it: it may be large. Rejects with `cassette-invalid`. */
export async function outlineCassette(path: string): Promise<CassetteOutline> {
  return startsOf(await readCassette(path))
}

export interface ResolveCassetteOptions {
  readonly path: string
  readonly outline: CassetteOutline
  /** How many the session has had. */
  readonly prompts: number
}

/**
 * The agent that plays a cassette. It is set to the mode that the recorded one was set to: that one's word for what was asked
 * for is not known any more. Between two prompts of a run it has the mode that the run began with.
 */
export function resolveCassette(name: string, { path, outline, prompts }: ResolveCassetteOptions): ResolvedAgent {
  return {
    name,
    command: process.execPath,
    args: [programPath("cassette-agent"), path, String(prompts)],
    env: {},
    envAllow: ["NODE_COMPILE_CACHE"],
    mostAskingMode: () => latest(outline, prompts)?.mode,
  }
}

function latest(outline: CassetteOutline, prompts: number) {
  const [last] = [...outline.keys()].filter((before) => before <= prompts).slice(-1)
  return last === undefined ? undefined : outline.get(last)
}
