import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Copies what git knows or would take, as it stands in the working tree, into a repository of its own. */
export function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), "check-prove-"))
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  })
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(file))
  for (const file of files) cpSync(file, join(copy, file), { verbatimSymlinks: true })
  const author = ["-c", "user.name=prove", "-c", "user.email=prove@localhost"]
  for (const words of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "--all"],
  ])
    execFileSync("git", words, { cwd: copy })
  execFileSync("git", [...author, "commit", "--quiet", "--message", "tree"], { cwd: copy })
  return copy
}
