import { expect } from "vitest"
import type { ProofOptions } from "./prove.ts"

/**
 * Fails where the short form of a proof does, with all that it said and the seed to see it again; else what it said. Its
 * seed is the same each time, so that a change is judged by what it changed; `pnpm prove` itself tries others.
 */
export async function proveInShort(prove: (options: ProofOptions) => Promise<boolean>): Promise<string> {
  const seed = Number(process.env.PROVE_SEED ?? 1)
  const lines: string[] = []
  const isProved = await prove({ isFull: false, seed, print: (line) => void lines.push(line) })
  const said = lines.join("\n")
  expect(isProved, `PROVE_SEED=${seed}\n${said}`).toBe(true)
  return said
}
