import { relative } from "node:path"
import { agProgram } from "./ag-program.ts"

/** This program with other words, as one would type it here: for lines that say what to do next. */
export function selfCommand(
  words: string,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
) {
  const isSource = import.meta.url.endsWith(".ts")
  const program = isSource ? `node ${relative(cwd, agProgram)}` : "ag"
  const stateDir = env.AEGIS_STATE_DIR
  return `${stateDir ? `AEGIS_STATE_DIR=${relative(cwd, stateDir) || stateDir} ` : ""}${program} ${words}`
}
