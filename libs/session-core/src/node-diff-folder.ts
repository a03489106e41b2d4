import { constants } from "node:fs"
import { lstat, open, rm } from "node:fs/promises"
import { join } from "node:path"
import type { DiffRefusal, DiffWish, FolderDiff, SkippedPath } from "./folder-diff.ts"
import { findRepository, type Repository, readHead } from "./node-find-repository.ts"
import { findGit, GitFailure, PrivateGit } from "./node-private-git.ts"
import { isInside } from "./node-work-dir.ts"
import { type RawChange, readRaw, toChanges } from "./parse-diff.ts"
import { Places } from "./places.ts"

export interface DiffFolderOptions {
  /** The data directory: what is in it is nobody's change, and shown to nobody. */
  readonly stateDir: string
  /** Where git is found (`PATH`). */
  readonly searchPath: string
  readonly limits?: Partial<DiffLimits>
}

export interface DiffLimits {
  readonly files: number
  /** Of the patch. */
  readonly bytes: number
  readonly milliseconds: number
  /** Diffs at once. */
  readonly running: number
  /** Diffs that wait for these. */
  readonly waiting: number
}

const LIMITS: DiffLimits = { files: 1000, bytes: 512 * 1024, milliseconds: 20_000, running: 2, waiting: 20 }

/** Compares a folder with a commit of its git repository. No program but git is run, whatever the folder says (`PrivateGit`). */
export function createDiffFolder({ stateDir, searchPath, limits: given }: DiffFolderOptions) {
  const limits = { ...LIMITS, ...given }
  const places = new Places(limits)
  const folder = join(stateDir, "diff")
  // Left by a server that was killed.
  let swept: Promise<void> | undefined
  return async (wish: DiffWish): Promise<FolderDiff | DiffRefusal> => {
    const found = await findRepository(wish.workDir)
    if ("code" in found) return found
    const { base } = wish
    if (base === undefined) return { code: "base-unknown", reason: NO_BASE }
    const program = await findGit({ searchPath, root: found.root })
    if (program === undefined) return { code: "git-not-installed", reason: NO_GIT }
    const place = await places.take()
    if (place === undefined) return { code: "too-many-diffs", reason: BUSY }
    const time = AbortSignal.timeout(limits.milliseconds)
    const signal = wish.signal ? AbortSignal.any([time, wish.signal]) : time
    try {
      swept ??= rm(folder, { recursive: true, force: true })
      await swept
      const work = { program, folder, stateDir, base, limits, signal, repository: found, path: wish.path }
      // A file may go while it is looked at: agents work on.
      return await compareFolder(work).catch((error: unknown) => {
        if (error instanceof GitFailure) return compareFolder(work)
        throw error
      })
    } catch (error) {
      // Whoever has left does not see it.
      if (signal.aborted) return { code: "diff-too-large", reason: TOO_LARGE }
      if (error instanceof GitFailure || isOfSystem(error)) return { code: "git-failed", reason: FAILED }
      throw error
    } finally {
      place.release()
    }
  }
}

const NO_BASE =
  "What the session began with is not known: its folder was in no git repository then, or in one without a commit."
const NO_GIT =
  "Changes are found by git, which is not installed here, or not on the server's PATH outside of the folder."
const BUSY = "Too many changes are looked for at once: try it again in a moment."
const TOO_LARGE = "The folder is too large to be compared in time: ask for a part of it, with `path`."
const FAILED =
  "Git cannot compare the folder: see what `git fsck` says there, and whether the data directory of the server has room."

/** Something may not be read, is gone, or there is no room. */
function isOfSystem(error: unknown) {
  return error instanceof Error && "errno" in error
}

interface DiffWork {
  readonly program: string
  readonly folder: string
  readonly stateDir: string
  readonly repository: Repository
  readonly base: string
  readonly path: string | undefined
  readonly limits: DiffLimits
  readonly signal: AbortSignal
}

async function compareFolder(work: DiffWork): Promise<FolderDiff | DiffRefusal> {
  const { base, repository } = work
  const git = await PrivateGit.open(work)
  try {
    const comparing = new Comparing(git, work)
    if (!(await comparing.readBase())) return { code: "base-gone", reason: goneWords(base) }
    await comparing.leaveOutTracked()
    await comparing.addOthers()
    await comparing.leaveOutChanges()
    const head = await readHead(repository)
    return { base, ...(head === undefined ? {} : { head }), ...(await comparing.diff()) }
  } finally {
    await git.close()
  }
}

function goneWords(base: string) {
  return `Commit ${base}, which the session began with, is not in the repository any more, or only in another one that it shares objects with.`
}

/** Of nothing: its content comes from the folder. */
const EMPTY = {
  40: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  64: "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
}

const COMPARE = ["diff-index", "--ignore-submodules=all", "--no-ext-diff", "--no-textconv", "--no-color"]

/** An index of our own that has the commit's files and the folder's others, less what is not to be compared. */
class Comparing {
  readonly #git: PrivateGit
  readonly #work: DiffWork
  /** What of the repository is looked at. */
  readonly #scope: readonly string[]
  readonly #skipped: SkippedPath[] = []
  #hasMore = false
  #isLarge = false

  constructor(git: PrivateGit, work: DiffWork) {
    this.#git = git
    this.#work = work
    const wanted = `${work.repository.prefix}${work.path ?? ""}`
    this.#scope = wanted === "" ? [] : ["--", wanted]
  }

  /** False: it is not there. */
  async readBase() {
    const { base, repository } = this.#work
    const prefix = repository.prefix.slice(0, -1)
    const known = await this.#git.run(["rev-parse", "--verify", "--quiet", `${base}^{tree}`], { mayFail: true })
    if (known.code !== 0) return false
    const tree = await this.#git.run(["rev-parse", "--verify", "--quiet", `${base}:${prefix}`], { mayFail: true })
    // The folder may be one that it does not have.
    if (tree.code !== 0) return true
    const where = prefix === "" ? [] : [`--prefix=${prefix}/`]
    return (await this.#git.run(["read-tree", ...where, tree.text.trim()], { mayFail: true })).code === 0
  }

  /** What cannot be compared without running something, and what is not ours to compare. */
  async leaveOutTracked() {
    const { words: tracked } = await this.#git.list(["ls-files", "-z", "--stage", ...this.#scope])
    const paths = tracked.map((line) => line.slice(line.indexOf("\t") + 1))
    for (const [place, line] of tracked.entries())
      if (line.startsWith("160000")) this.#skip(paths[place] ?? "", "repository")
    const { words } = await this.#git.list(["check-attr", "-z", "--stdin", "filter"], { input: terminated(paths) })
    const left: string[] = paths.filter((path) => this.#isHidden(path))
    for (let next = 0; next < words.length; next += 3) {
      const [path = "", , filter = ""] = words.slice(next, next + 3)
      if (filter === "unspecified" || filter === "unset" || !(await this.#lstat(path))) continue
      this.#skip(path, "filter")
      left.push(path)
    }
    await this.#update("--assume-unchanged", left)
    await this.#git.run(["update-index", "-q", "--ignore-submodules", "--refresh"], { mayFail: true })
  }

  /** What the commit does not have, but for what is ignored. */
  async addOthers() {
    const { base, limits } = this.#work
    const words = ["ls-files", "-z", "--others", "--exclude-standard", ...this.#scope]
    const { words: others, isCut } = await this.#git.list(words, { most: (limits.files + 1) * LONGEST_PATH })
    const shown = others.filter((path) => !this.#isHidden(path))
    for (const path of shown) if (path.endsWith("/")) this.#skip(path, "repository")
    // A name that is no text could not be told.
    const isNamed = (path: string) => !path.includes("\u{fffd}")
    for (const path of shown) if (!isNamed(path)) this.#skip(path, "unreadable")
    const files = shown.filter((path) => !path.endsWith("/") && isNamed(path))
    this.#hasMore ||= isCut
    const empty = base.length === 40 ? EMPTY[40] : EMPTY[64]
    const input = terminated(files.map((path) => `100644 ${empty} 0\t${path}`))
    await this.#git.run(["update-index", "--replace", "--add", "-z", "--index-info"], { input })
  }

  /** What git would stop at, and what is more than anybody reads. */
  async leaveOutChanges() {
    const { base, limits } = this.#work
    const { words } = await this.#git.list([...COMPARE, "-z", "--raw", "--no-renames", base, ...this.#scope])
    const { changes } = readRaw(words)
    const [removed, unchanged]: [string[], string[]] = [[], []]
    const leaveOut = ({ letter, path }: RawChange) => (letter === "A" ? removed : unchanged).push(path)
    for (const change of changes.slice(0, limits.files)) {
      const found = change.letter === "D" ? undefined : await this.#lstat(change.path)
      this.#isLarge ||= (found?.size ?? 0) > MOST_SIMILAR
      // A pipe or the like is no file any more, for git.
      if (found && !found.isFile() && !found.isSymbolicLink()) removed.push(change.path)
      if (!found?.isFile() || (await this.#isReadable(change.path))) continue
      this.#skip(change.path, "unreadable")
      leaveOut(change)
    }
    for (const change of changes.slice(limits.files)) leaveOut(change)
    this.#hasMore ||= changes.length > limits.files
    await this.#update("--force-remove", removed)
    await this.#update("--assume-unchanged", unchanged)
  }

  async diff(): Promise<Pick<FolderDiff, "files" | "hasMore" | "skipped" | "patch">> {
    const { base, limits, repository } = this.#work
    const relative = repository.prefix === "" ? [] : [`--relative=${repository.prefix}`]
    const renames = `--find-renames=${this.#isLarge ? 100 : 50}%`
    const compare = [...COMPARE, renames, "-l200", ...relative]
    const { words } = await this.#git.list([...compare, "-z", "--raw", "--numstat", base, ...this.#scope])
    const patch = await this.#git.run([...compare, "--patch", base, ...this.#scope], { most: limits.bytes })
    return { ...toChanges(words, patch), hasMore: this.#hasMore, skipped: this.#skipped }
  }

  #skip(path: string, reason: SkippedPath["reason"]) {
    if (this.#isHidden(path)) return
    if (this.#skipped.length === this.#work.limits.files) this.#hasMore = true
    else this.#skipped.push({ path: path.slice(this.#work.repository.prefix.length), reason })
  }

  async #update(how: string, paths: readonly string[]) {
    if (paths.length > 0) await this.#git.run(["update-index", how, "-z", "--stdin"], { input: terminated(paths) })
  }

  #isHidden(path: string) {
    return isInside(this.#at(path), this.#work.stateDir)
  }

  #lstat(path: string) {
    return lstat(this.#at(path)).catch(() => undefined)
  }

  // By opening it, as git does: `access` asks for the real user, and not for the effective one. No pipe is waited for.
  async #isReadable(path: string) {
    try {
      await (await open(this.#at(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)).close()
      return true
    } catch {
      return false
    }
  }

  #at(path: string) {
    return join(this.#work.repository.root, path)
  }
}

/** In bytes: whether larger files are similar is not asked, since git takes them into memory for that. */
const MOST_SIMILAR = 16 << 20
/** In bytes. */
const LONGEST_PATH = 4096

function terminated(lines: readonly string[]) {
  return lines.map((line) => `${line}\0`).join("")
}
