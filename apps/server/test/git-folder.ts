import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

const author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false"]

/** A folder with a git repository, as its person has it. */
export class GitFolder {
  readonly folder: string

  constructor(folder: string, { init = ["--initial-branch=main"] }: { readonly init?: readonly string[] } = {}) {
    this.folder = folder
    this.git("init", "--quiet", ...init)
  }

  git(...words: readonly string[]) {
    return execFileSync("git", [...author, ...words], { cwd: this.folder, encoding: "utf8", stdio: "pipe" }).trim()
  }

  /** The commit of all that is there. */
  commit() {
    this.git("add", "--all")
    this.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", "all")
    return this.git("rev-parse", "HEAD")
  }

  put(path: string, text: string | Uint8Array) {
    const full = join(this.folder, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
    return full
  }

  /** A program that says that it ran, in a file of that name, and passes on what it is given. */
  trap(name: string) {
    const trap = this.put(`.evil/${name}`, `#!/bin/sh\n: > "${join(this.folder, ".evil", "ran", name)}"\ncat\n`)
    mkdirSync(join(this.folder, ".evil", "ran"), { recursive: true })
    chmodSync(trap, 0o755)
    return trap
  }

  hasRun(name: string) {
    return existsSync(join(this.folder, ".evil", "ran", name))
  }

  read(path: string) {
    return readFileSync(join(this.folder, path), "utf8")
  }
}
