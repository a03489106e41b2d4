import { EXIT, exitCodeOf } from "./exit-code.ts"
import { globalFlags } from "./global-flags.ts"
import { runMain } from "./main.ts"
import { createOutput, type Output } from "./output.ts"

// The only place that ends the process.
const { words, isQuiet, hasColors } = globalFlags(process.argv.slice(2))
const env = hasColors ? process.env : { ...process.env, NO_COLOR: "1" }
const output: Output = createOutput({ stdout: process.stdout, stderr: process.stderr, env, isQuiet })
// A reader that has left (`ag … | head`) is no failure; a full disk is, of what was asked for.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? EXIT.ok : EXIT.failed))
// Of what is told beside it, it is none: a server does not end because its own log has no room.
process.stderr.on("error", () => {})

try {
  process.exitCode = await runMain(words, { output, env: process.env })
} catch (error) {
  output.failure(`${output.colors.red("✗")} ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = exitCodeOf(error)
}
