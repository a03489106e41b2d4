import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { defineConfig } from "tsup"

type Manifest = { readonly exports: Readonly<Record<string, { readonly "@aegis/source"?: string }>> }

/** The build of a library: its `exports` map is the only list of entries (style.md, Guarding the graph). */
export default defineConfig(() => ({
  entry: entriesOf(JSON.parse(readFileSync("package.json", "utf8")) as Manifest),
  format: "esm",
  target: "node22",
  dts: true,
  clean: true,
  sourcemap: true,
  splitting: true,
  silent: true,
}))

function entriesOf({ exports }: Manifest) {
  const sources = Object.values(exports).flatMap((entry) => entry["@aegis/source"] ?? [])
  return Object.fromEntries(sources.map((source) => [basename(source, ".ts"), source]))
}
