import { readFileSync, rmSync } from "node:fs"
import { basename } from "node:path"
import { defineConfig } from "tsup"

type Manifest = { readonly exports: Readonly<Record<string, { readonly "@aegis/source"?: string }>> }

/** The build of a library: its `exports` map is the only list of entries (style.md, Guarding the graph). */
export default defineConfig(() => {
  const entries = entriesOf(JSON.parse(readFileSync("package.json", "utf8")) as Manifest)
  // A program that outlives an upgrade of its package is one file, with nothing beside it that it could miss.
  const [libraries, programs] = [
    entries.filter(([name]) => !isProgram(name)),
    entries.filter(([name]) => isProgram(name)),
  ]
  // By hand: two builds into one folder would clean away each other's files.
  rmSync("dist", { recursive: true, force: true })
  return [
    { ...common, entry: Object.fromEntries(libraries), splitting: true },
    ...programs.map((program) => ({ ...common, entry: Object.fromEntries([program]), splitting: false })),
  ]
})

const common = { format: "esm", target: "node22", dts: true, sourcemap: true, silent: true } as const

function isProgram(name: string) {
  return name.endsWith("-program")
}

function entriesOf({ exports }: Manifest) {
  const sources = Object.values(exports).flatMap((entry) => entry["@aegis/source"] ?? [])
  return sources.map((source) => [basename(source, ".ts"), source] as const)
}
