import { readlink, realpath } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"

/** More than any system follows. */
const MOST_LINKS = 40

/**
 * Where a path leads, all links followed. Of a file that does not exist yet: where it would be made, which is where a link
 * leads that leads nowhere yet, or else in the nearest folder that is there.
 */
export async function realTarget(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    if (parent === path || links > MOST_LINKS) return path
    const folder = await realTarget(parent, links)
    const target = await readlink(path).catch(() => undefined)
    return target === undefined ? join(folder, basename(path)) : realTarget(resolve(folder, target), links + 1)
  }
}
