import { spawn } from "node:child_process"
import { constants } from "node:fs"
import { access, mkdir, mkdtemp, opendir, realpath, rm, stat, symlink, writeFile } from "node:fs/promises"
import { delimiter, isAbsolute, join } from "node:path"
import type { Repository } from "./node-find-repository.ts"
import { isInside } from "./node-work-dir.ts"

export interface PrivateGitOptions {
  /** The full path of git. */
  readonly program: string
  /** Where it keeps what it needs; made where absent. */
  readonly folder: string
  readonly repository: Repository
  /** A commit's id, whose length says which hash the repository has. */
  readonly base: string
  /** Ends what runs, at once. */
  readonly signal: AbortSignal
}

/** Git has said no. */
export class GitFailure extends Error {
  override readonly name = "GitFailure"
}

interface RunOptions {
  readonly input?: string
  /** Of what it says, in bytes; what says more is ended. Absent: more than that is a failure. */
  readonly most?: number
  /** Whatever it ends with. */
  readonly mayFail?: true
}

const MOST_OUTPUT = 64 << 20

/**
 * Git on somebody's folder with nothing of the folder's but its files and its objects (spec/threats.md, J4): the repository, its
 * configuration, its index and its hooks are our own, made for once, so that no filter, hook, monitor, driver or other program
 * is named anywhere, and no other repository.
 */
export class PrivateGit {
  readonly #options: PrivateGitOptions
  readonly #own: string

  private constructor(options: PrivateGitOptions, own: string) {
    this.#options = options
    this.#own = own
  }

  static async open(options: PrivateGitOptions) {
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    const git = new PrivateGit(options, await mkdtemp(join(options.folder, "git-")))
    try {
      await git.#prepare()
      return git
    } catch (error) {
      await git.close()
      throw error
    }
  }

  async #prepare() {
    const at = (...path: readonly string[]) => join(this.#own, ...path)
    const { base, repository } = this.#options
    for (const name of ["refs", "objects/info", "theirs"]) await mkdir(at(name), { recursive: true })
    await writeFile(at("HEAD"), "ref: refs/heads/none\n")
    await writeFile(at("config"), configOf(base))
    // Their own alternates, which may be anybody's, are not among what is linked.
    await writeFile(at("objects/info/alternates"), `${at("theirs")}\n`)
    const objects = join(repository.commonDir, "objects")
    for await (const entry of await opendir(objects)) {
      if (!entry.isDirectory() || !/^(?:[0-9a-f]{2}|pack)$/.test(entry.name)) continue
      const folder = join(objects, entry.name)
      if (await this.#hasFilesOnly(folder)) await symlink(folder, at("theirs", entry.name), "junction")
    }
  }

  /** A link among them could be to the objects of another repository. */
  async #hasFilesOnly(folder: string) {
    for await (const entry of await opendir(folder)) {
      this.#options.signal.throwIfAborted()
      if (!entry.isFile()) return false
    }
    return true
  }

  /** Its output, and whether that was cut. Rejects with a GitFailure. */
  async run(words: readonly string[], { input = "", most, mayFail }: RunOptions = {}) {
    const { program, repository, signal } = this.#options
    const env = environmentOf({ own: this.#own, root: repository.root })
    signal.throwIfAborted()
    const child = spawn(program, words, {
      cwd: repository.root,
      env,
      signal,
      killSignal: "SIGKILL",
      stdio: ["pipe", "pipe", "ignore"],
    })
    let failure: Error | undefined
    child.once("error", (error) => {
      failure = error
    })
    // What it writes into is taken away afterwards.
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
    // One that ends before it has read all is not one that has failed.
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    const chunks: Buffer[] = []
    let size = 0
    child.stdout.on("data", (chunk: Buffer) => {
      if (size > (most ?? MOST_OUTPUT)) return
      size += chunk.length
      chunks.push(chunk)
      if (size > (most ?? MOST_OUTPUT)) child.kill("SIGKILL")
    })
    const code = await ended
    if (failure) throw signal.aborted ? failure : new GitFailure("Git cannot be started.", { cause: failure })
    const isCut = size > (most ?? MOST_OUTPUT)
    if (isCut ? most === undefined : code !== 0 && !mayFail)
      throw new GitFailure(`git ${words[0] ?? ""} ended with ${code}.`)
    return { text: Buffer.concat(chunks).subarray(0, most).toString("utf8"), isCut, code }
  }

  /** The same, of what ends each of its words with a NUL. */
  async list(words: readonly string[], options?: RunOptions) {
    const { text, isCut } = await this.run(words, options)
    return { words: text.split("\0").slice(0, -1), isCut }
  }

  async close() {
    await rm(this.#own, { recursive: true, force: true })
  }
}

// A limit on how much of a file is compared as text, and on what git keeps in memory: both are in the hands of whoever writes
// the folder.
function configOf(base: string) {
  const isLong = base.length > 40
  return [
    "[core]",
    `repositoryFormatVersion = ${isLong ? 1 : 0}`,
    "bare = false",
    "quotePath = false",
    "fsmonitor = false",
    "untrackedCache = false",
    `hooksPath = ${JSON.stringify(process.platform === "win32" ? "NUL" : "/dev/null")}`,
    "bigFileThreshold = 2m",
    "deltaBaseCacheLimit = 32m",
    ...(isLong ? ["[extensions]", "objectFormat = sha256"] : []),
    "",
  ].join("\n")
}

/** All that it gets: nothing of the server's own. */
function environmentOf({ own, root }: { readonly own: string; readonly root: string }) {
  const nothing = process.platform === "win32" ? "NUL" : "/dev/null"
  return {
    LC_ALL: "C",
    HOME: own,
    XDG_CONFIG_HOME: own,
    GIT_DIR: own,
    GIT_WORK_TREE: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: nothing,
    GIT_CONFIG_GLOBAL: nothing,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
  }
}

/** Git on a search path, by its full path. One that lies in the folder itself is somebody's trick. */
export async function findGit({ searchPath, root }: { readonly searchPath: string; readonly root: string }) {
  const name = process.platform === "win32" ? "git.exe" : "git"
  for (const folder of searchPath.split(delimiter).filter((path) => isAbsolute(path))) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      const isOurs = (await stat(path)).isFile() && !isInside(await realpath(path), root)
      if (isOurs && !isInside(await realpath(folder), root)) return path
    } catch {
      // Not there, or not ours to run: the next folder may have it.
    }
  }
  return undefined
}
