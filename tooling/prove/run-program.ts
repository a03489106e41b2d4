import { spawn } from "node:child_process"

export interface ProgramResult {
  readonly code: number | null
  readonly seconds: number
  /** Both streams, as they came. */
  readonly output: string
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<ProgramResult> {
  const began = performance.now()
  const child = spawn(command, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, output, seconds: (performance.now() - began) / 1000 }))
  })
}
