import { constants } from "node:fs"
import { lstat, open, realpath } from "node:fs/promises"
import { basename, dirname, join, relative, resolve, sep } from "node:path"
import type { DiffRefusal } from "./folder-diff.ts"

/** A git repository, as it lies in the file system. Nothing of it is believed that leads somewhere else. */
export interface Repository {
  /** The folder that it keeps the versions of. */
  readonly root: string
  /** Where a folder is in it, as git writes that: `packages/a/`, or nothing for its root. */
  readonly prefix: string
  /** Of this folder alone: HEAD. */
  readonly gitDir: string
  /** Of all folders of the repository: branches and objects. */
  readonly commonDir: string
}

/** The repository that a folder is in: its own or that of a folder above it. `workDir` is a real path. */
export async function findRepository(workDir: string): Promise<Repository | DiffRefusal> {
  for (let root = workDir; ; root = dirname(root)) {
    const git = join(root, ".git")
    const found = await lstat(git).catch(() => undefined)
    if (found) {
      const dirs = found.isDirectory() ? { gitDir: git, commonDir: git } : await linkedDirs(git)
      if (dirs === undefined || !(await isFolder(join(dirs.commonDir, "objects")))) return elsewhere(git)
      const way = relative(root, workDir).split(sep).join("/")
      return { root, prefix: way === "" ? "" : `${way}/`, ...dirs }
    }
    if (root === dirname(root)) return { code: "repository-missing", reason: `${workDir} is in no git repository.` }
  }
}

function elsewhere(git: string): DiffRefusal {
  const reason = `${git} leads out of its folder, to what does not say that it belongs to it: nothing there is read.`
  return { code: "repository-elsewhere", reason }
}

/** Of a working tree that `git worktree` has made: the repository has to say that it is one of its. */
async function linkedDirs(git: string) {
  const [, target] = /^gitdir: (.+)\n?$/.exec((await readSmallFile(git)) ?? "") ?? []
  const gitDir = target && (await realpath(resolve(dirname(git), target)).catch(() => undefined))
  if (!gitDir || basename(dirname(gitDir)) !== "worktrees") return undefined
  const back = (await readSmallFile(join(gitDir, "gitdir")))?.trimEnd()
  const named = back && (await realpath(resolve(gitDir, back)).catch(() => undefined))
  return named === git ? { gitDir, commonDir: dirname(dirname(gitDir)) } : undefined
}

async function isFolder(path: string) {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true
}

/** A branch may be one by another name, and that by another. */
const MOST_NAMES = 5
const ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
/** What git allows, less what leads elsewhere. */
const REF = /^refs\/(?!.*(?:\.\.|\/\/|\/\.|\/$))[^\p{Cc} ~^:?*[\\]+$/u

/** The commit that a repository's folder is at; undefined: none. Read as files, so that nothing of the folder's is run. */
export async function readHead({ gitDir, commonDir }: Pick<Repository, "gitDir" | "commonDir">) {
  let value = await readSmallFile(join(gitDir, "HEAD"))
  for (let names = 0; value !== undefined && names < MOST_NAMES; names += 1) {
    const line = value.trimEnd()
    if (ID.test(line)) return line
    const [, ref = ""] = /^ref: *(\S.*)$/.exec(line) ?? []
    if (!REF.test(ref)) return undefined
    value = (await readSmallFile(join(commonDir, ref))) ?? (await packedRef(commonDir, ref))
  }
  return undefined
}

/** The commit that a folder's repository is at; undefined where there is none, for whatever reason. */
export async function headOf(workDir: string): Promise<string | undefined> {
  const repository = await findRepository(workDir)
  return "code" in repository ? undefined : readHead(repository)
}

async function packedRef(commonDir: string, ref: string) {
  const packed = await readSmallFile(join(commonDir, "packed-refs"), 16 << 20)
  const end = packed?.indexOf(` ${ref}\n`) ?? -1
  return packed === undefined || end < 0 ? undefined : packed.slice(packed.lastIndexOf("\n", end) + 1, end)
}

/** What is no file, such as a pipe or a link, is not read, and not waited for. */
async function readSmallFile(path: string, most = 4096) {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const found = await handle.stat()
      return found.isFile() && found.size <= most ? await handle.readFile("utf8") : undefined
    } finally {
      await handle.close()
    }
  } catch {
    // Not there, or not ours to read: it says nothing.
    return undefined
  }
}
