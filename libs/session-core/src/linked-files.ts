import type { BigIntStats } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"

/** A regular file that has several names (hard links): the others may be anywhere. */
export type LinkedFile = Pick<BigIntStats, "dev" | "ino">

/** Those of the paths, all links in them resolved. One look at each; what is not there has no names. */
export async function findLinkedFiles(paths: readonly string[]): Promise<readonly LinkedFile[]> {
  const found = await Promise.all(paths.map(lookAt))
  return found.flatMap((file) => (file?.isFile() && file.nlink > 1n ? [file] : []))
}

/** Whether one of them is in that folder too, by whatever name. The folder is looked through only where there are any. */
export async function isOneIn(folder: string, files: readonly LinkedFile[]): Promise<boolean> {
  if (files.length === 0) return false
  const wanted = new Set(files.map(idOf))
  for await (const path of pathsIn(folder)) {
    const own = await lookAt(path)
    if (own && wanted.has(idOf(own))) return true
  }
  return false
}

/** Programs that come from elsewhere: many, and no secret among them. */
const PROGRAMS = "agents"

async function* pathsIn(folder: string): AsyncIterable<string> {
  // A folder that is gone meanwhile has no files.
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) yield path
    else if (entry.name !== PROGRAMS) yield* pathsIn(path)
  }
}

async function lookAt(path: string) {
  // Nothing there, or nothing that we may look at: no agent of ours may either.
  return stat(path, { bigint: true }).catch(() => undefined)
}

function idOf({ dev, ino }: LinkedFile) {
  return `${dev}:${ino}`
}
