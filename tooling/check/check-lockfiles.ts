import { readFileSync } from "node:fs"
import { parse } from "yaml"
import { lockfileProblems, type PnpmLockfile } from "./lockfile-problems.ts"
import type { CheckResult } from "./run-tool.ts"

export async function checkLockfiles(): Promise<CheckResult> {
  const text = readFileSync("pnpm-lock.yaml", "utf8")
  const npmText = readFileSync("tooling/toolchain/package-lock.json", "utf8")
  const problems = lockfileProblems(parse(text) as PnpmLockfile, { text, npmText })
  return { ok: problems.length === 0, output: problems.join("\n") }
}
