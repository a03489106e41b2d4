import { readFileSync } from "node:fs"
import { parse } from "yaml"
import { listedFiles } from "./listed-files.ts"
import { lockfileProblems, type PnpmLockfile } from "./lockfile-problems.ts"
import type { CheckResult } from "./run-tool.ts"

export async function checkLockfiles(): Promise<CheckResult> {
  const text = readFileSync("pnpm-lock.yaml", "utf8")
  const files = listedFiles("*package-lock.json")
  if (files.length === 0) return { ok: false, output: "no lock file of npm was found" }
  const npmTexts = Object.fromEntries(files.map((file) => [file, readFileSync(file, "utf8")]))
  const problems = lockfileProblems(parse(text) as PnpmLockfile, { text, npmTexts })
  return { ok: problems.length === 0, output: problems.join("\n") }
}
