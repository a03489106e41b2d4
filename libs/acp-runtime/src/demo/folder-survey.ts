import { readdir, readFile } from "node:fs/promises"
import { extname, join, relative } from "node:path"

export interface FolderSurvey {
  /** Relative paths, sorted. */
  readonly files: readonly string[]
  readonly isComplete: boolean
  /** By ending, the most frequent first. */
  readonly counts: readonly (readonly [ending: string, count: number])[]
  readonly readme?: { readonly path: string; readonly heading: string }
}

/** Looks at a folder as a newcomer would. Hidden folders and installed packages are left out. */
export async function surveyFolder(folder: string): Promise<FolderSurvey> {
  const found = await listFiles(folder)
  const files = found.slice(0, FILE_LIMIT)
  const readme = await readReadme(folder, files)
  return { files, isComplete: found.length <= FILE_LIMIT, counts: countEndings(files), ...(readme && { readme }) }
}

const FILE_LIMIT = 500
const DEPTH_LIMIT = 8

async function listFiles(root: string, folder = root, depth = 0): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const files: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules" || files.length > FILE_LIMIT) continue
    const path = join(folder, entry.name)
    if (entry.isFile()) files.push(relative(root, path))
    if (entry.isDirectory() && depth < DEPTH_LIMIT) files.push(...(await listFiles(root, path, depth + 1)))
  }
  return files
}

function countEndings(files: readonly string[]) {
  const counts = new Map<string, number>()
  for (const file of files)
    counts.set(extname(file) || "no ending", (counts.get(extname(file) || "no ending") ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

async function readReadme(folder: string, files: readonly string[]) {
  const path = files.find((file) => /^readme(\.md|\.txt)?$/i.test(file))
  if (path === undefined) return undefined
  const text = await readFile(join(folder, path), "utf8")
  const heading = /^#+[ \t]+(\S.*)$/m.exec(text)?.[1] ?? text.split("\n", 1)[0] ?? ""
  return { path, heading: heading.trim().slice(0, 200) }
}
