import { existsSync } from "node:fs"
import { opendir, realpath } from "node:fs/promises"
import { homedir } from "node:os"
import { basename, dirname, isAbsolute, join } from "node:path"
import type { AegisParts, CompletedFolders, CompletionWish } from "./aegis-parts.ts"
import { isInside } from "./node-work-dir.ts"

export interface CompleteWorkDirOptions {
  readonly findWorkDir: AegisParts["findWorkDir"]
  /** Folders under which sessions may work; empty: anywhere else. */
  readonly allow: readonly string[]
}

/** So much of a folder is read: who is in one that has more types on. */
const MOST_ENTRIES = 10_000

/** Finds folders that sessions may work in and that begin with what was typed; nothing is told of any other. */
export function createCompleteWorkDir({ findWorkDir, allow }: CompleteWorkDirOptions) {
  const isOffered = async (path: string, within: string | undefined) => {
    const found = await findWorkDir(path)
    return "workDir" in found && (within === undefined || isInside(found.workDir, await real(within)))
  }
  return async ({ prefix, limit, within }: CompletionWish): Promise<CompletedFolders> => {
    const tops = within === undefined ? allow : [within]
    const typed = expand(prefix, tops)
    // Whoever has not come to one of them yet is taken there.
    const known = tops.filter((top) => top.startsWith(typed))
    const parent = typed.endsWith("/") ? typed : dirname(typed)
    const isThere = isAbsolute(typed) && (await isOffered(parent, within))
    const named = isThere ? await foldersIn(parent, typed.endsWith("/") ? "" : basename(typed)) : []
    const folders: string[] = []
    for (const path of new Set([...known, ...named])) {
      if (folders.length > limit) break
      if (await isOffered(path, within)) folders.push(path)
    }
    const items = folders.slice(0, limit).map((path) => ({ path, isRepository: existsSync(join(path, ".git")) }))
    return { items, hasMore: folders.length > limit }
  }
}

function expand(prefix: string, tops: readonly string[]) {
  if (prefix === "" && tops.length === 0) return `${homedir()}/`
  return prefix === "~" || prefix.startsWith("~/") ? `${homedir()}/${prefix.slice(2)}` : prefix
}

/** Those whose names begin so, by name; hidden ones for who asks for them. */
async function foldersIn(parent: string, beginning: string) {
  const names: string[] = []
  try {
    let read = 0
    for await (const entry of await opendir(parent)) {
      if (++read > MOST_ENTRIES) break
      const isFolder = entry.isDirectory() || entry.isSymbolicLink()
      const isShown = beginning.startsWith(".") || !entry.name.startsWith(".")
      if (isFolder && isShown && entry.name.startsWith(beginning)) names.push(entry.name)
    }
  } catch {
    // No such folder, or none that we may look into: the same for whoever asks.
  }
  return names.toSorted().map((name) => join(parent, name))
}

async function real(path: string) {
  return realpath(path).catch(() => path)
}
