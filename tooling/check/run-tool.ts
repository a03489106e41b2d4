import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"

export interface CheckResult {
  readonly ok: boolean
  /** What the tools printed. */
  readonly output: string
}

export interface RunToolOptions {
  readonly cwd?: string
  /** Finds, in the output, the count of what was examined. */
  readonly examined?: RegExp
  /** A smaller count is a failure, as none always is. */
  readonly atLeast?: number
}

/** Runs a program to its end; fails with its exit code, and when it examined nothing or too little. */
export async function runTool(
  command: string,
  words: readonly string[],
  { cwd, examined, atLeast = 1 }: RunToolOptions = {},
): Promise<CheckResult> {
  const { code, output } = await run(command, words, cwd)
  if (code !== 0) return { ok: false, output: `${output}\n${command} ended with ${code}` }
  if (!examined) return { ok: true, output }
  const count = Number(examined.exec(output)?.[1] ?? 0)
  if (count > 0 && count >= atLeast) return { ok: true, output }
  return { ok: false, output: `${output}\n${command} examined ${count}, and there are ${atLeast} at least` }
}

function run(command: string, words: readonly string[], cwd = process.cwd()) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(command, words, {
      cwd,
      env: { ...process.env, PATH: searchPath(), NO_COLOR: "1", FORCE_COLOR: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.once("error", (error) => resolve({ code: 127, output: `${command} could not be started: ${error.message}` }))
    child.once("close", (code) => resolve({ code, output }))
  })
}

/** The tools of the tree that is checked come first, whichever tree's scripts have started us. */
function searchPath() {
  return [join(process.cwd(), "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter)
}
