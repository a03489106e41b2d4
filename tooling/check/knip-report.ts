import type { ReporterOptions } from "knip"

/** How many files knip looked at: its own reports do not tell. */
export default function report({ counters }: ReporterOptions) {
  process.stdout.write(`Knip looked at ${counters.processed} files.\n`)
}
