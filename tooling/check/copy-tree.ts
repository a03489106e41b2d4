import { execFileSync } from "node:child_process"
import { cpSync } from "node:fs"
import { join } from "node:path"
import { listedFiles } from "./listed-files.ts"

/** Copies the working tree, as it stands, into an empty folder: as the one commit of a repository of its own. */
export function copyTree(target: string) {
  for (const file of listedFiles()) cpSync(file, join(target, file), { verbatimSymlinks: true })
  const author = ["-c", "user.name=check", "-c", "user.email=check@localhost", "-c", "commit.gpgSign=false"]
  const git = (...words: readonly string[]) => execFileSync("git", words, { cwd: target })
  git("init", "--quiet", "--initial-branch=main")
  git("add", "--all")
  git(...author, "commit", "--quiet", "--no-verify", "--message", "tree")
}
