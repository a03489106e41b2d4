import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { changesetProblems } from "./changeset-problems.ts"
import { listedFiles } from "./listed-files.ts"
import { type CheckResult, runTool } from "./run-tool.ts"
import { workspacePackages } from "./workspace-packages.ts"

/**
 * Every changeset can be released; and, where there is a main branch to compare with, changed packages have one. A clone
 * of another branch alone has none: there the comparison is left out.
 */
export async function checkChanges(): Promise<CheckResult> {
  const published = workspacePackages()
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ manifest }) => manifest.name)
  if (published.length === 0) return { ok: false, output: "there is no package to publish" }
  const problems = listedFiles(".changeset/*.md").flatMap((file) =>
    changesetProblems(readFileSync(file, "utf8"), published).map((problem) => `${file} ${problem}`),
  )
  if (problems.length > 0) return { ok: false, output: problems.join("\n") }
  const base = ["main", "origin/main"].find(isRevision)
  return base === undefined
    ? { ok: true, output: "no main branch to compare with" }
    : runTool("changeset", ["status", ...(base === "main" ? [] : [`--since=${base}`])])
}

function isRevision(name: string) {
  try {
    execFileSync("git", ["merge-base", "HEAD", name], { stdio: "ignore" })
    return true
  } catch {
    // It is not here, or it has nothing in common with what is (a shallow clone).
    return false
  }
}
