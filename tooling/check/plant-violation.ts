import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Violation } from "./violations.ts"

/** Writes a violation into a tree; what is given back takes it out again. */
export function plantViolation({ title, file, plant, beside = {} }: Violation, root: string) {
  const path = join(root, file)
  const before = readIfThere(path)
  const text = plant(before ?? "")
  if (text === before) throw new Error(`"${title}" changes nothing in ${file}: mend it in violations.ts.`)
  const removals = Object.entries({ ...beside, [file]: text }).map(([name, content]) =>
    write(join(root, name), content),
  )
  return () => {
    for (const remove of removals.toReversed()) remove()
  }
}

function write(path: string, text: string) {
  const before = readIfThere(path)
  const firstMade = mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return () => {
    if (before !== undefined) writeFileSync(path, before)
    else rmSync(firstMade ?? path, { recursive: true })
  }
}

function readIfThere(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It is a file that the violation adds.
    return undefined
  }
}
