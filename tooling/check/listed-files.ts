import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"

/** The files of the working tree that git knows or would take, narrowed by git's path patterns. */
export function listedFiles(...patterns: readonly string[]): readonly string[] {
  const words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ...patterns]
  const listed = execFileSync("git", words, { encoding: "utf8", maxBuffer: 1 << 26 })
  return listed.split("\0").filter((file) => file !== "" && existsSync(file))
}
