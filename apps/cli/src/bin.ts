import { exitCodeOf } from "./exit-code.ts"
import { runMain } from "./main.ts"
import { createOutput, type Output } from "./output.ts"

// The only place that ends the process.
const output: Output = createOutput({ stdout: process.stdout, stderr: process.stderr, env: process.env })
// A reader that has left (`ag … | head`) is no failure.
process.stdout.on("error", () => process.exit(0))

try {
  process.exitCode = await runMain(process.argv.slice(2), output)
} catch (error) {
  output.note(`${output.colors.red("✗")} ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = exitCodeOf(error)
}
