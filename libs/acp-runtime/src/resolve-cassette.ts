import type { ResolvedAgent } from "./agent-config.ts"
import { readCassette } from "./cassette.ts"
import { tapeAfter } from "./cassette-tape.ts"
import { programPath } from "./program-path.ts"

/**
 * The agent that plays a cassette, for a process that begins after so many prompts. It is set to the mode that the recorded
 * one was set to: only our side knows which of the agent's modes asks most. Rejects with `cassette-invalid`.
 */
export async function resolveCassette(
  name: string,
  { path, prompts }: { readonly path: string; readonly prompts: number },
): Promise<ResolvedAgent> {
  const tape = tapeAfter(await readCassette(path), prompts)
  return {
    name,
    command: process.execPath,
    args: [programPath("cassette-agent"), path, String(prompts)],
    env: {},
    envAllow: ["NODE_COMPILE_CACHE"],
    mostAskingMode: () => tape?.mode,
  }
}
