import { realpath, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { isAbsolute, join, relative, sep } from "node:path"
import type { WorkDirVerdict } from "./aegis-parts.ts"
import { realTarget } from "./real-target.ts"

export interface WorkDirOptions {
  /** The data directory, links resolved: never to work in. */
  readonly stateDir: string
  /** Folders under which sessions may work; empty: anywhere else. */
  readonly allow: readonly string[]
}

/** Finds the folder that a session may work in (spec/config.md, workDirs.allow; spec/threats.md, J1). */
export function createFindWorkDir({ stateDir, allow }: WorkDirOptions) {
  return async (path: string): Promise<WorkDirVerdict> => {
    const real = await realDirectory(path)
    if (real === undefined)
      return { code: "workdir-invalid", reason: `There is no folder ${path}; workDir is an absolute path of one.` }
    if (isInside(real, stateDir))
      return { code: "workdir-forbidden", reason: `${path} is in the data directory of this server: work elsewhere.` }
    if (kernelFolders.some((folder) => isInside(real, folder)))
      return { code: "workdir-forbidden", reason: `${path} has no files to work on.` }
    const roots = await Promise.all(allow.map(realTarget))
    if (roots.length > 0 && !roots.some((root) => isInside(real, root)))
      return {
        code: "workdir-forbidden",
        reason: `Sessions may work in ${allow.join(", ")} (workDirs.allow), and not in ${path}.`,
      }
    return { workDir: real }
  }
}

const kernelFolders = process.platform === "win32" ? [] : ["/proc", "/sys", "/dev"]

/** Whether a path is that folder or in it; both real. */
export function isInside(path: string, folder: string) {
  const way = relative(folder, path)
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

async function realDirectory(path: string) {
  const absolute = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path
  if (!isAbsolute(absolute)) return undefined
  try {
    const real = await realpath(absolute)
    return (await stat(real)).isDirectory() ? real : undefined
  } catch {
    // No such folder, or none that we may look at: the same for whoever asks.
    return undefined
  }
}
