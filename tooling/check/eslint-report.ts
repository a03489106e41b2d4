import { relative } from "node:path"
import type { ESLint } from "eslint"

/** Findings one a line, and how many files were looked at: ESLint's own formats do not tell. */
export default function report(results: readonly ESLint.LintResult[]) {
  const findings = results.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ line, column, message, ruleId }) =>
        `${relative(process.cwd(), filePath)}:${line}:${column} ${message} (${ruleId ?? "parser"})`,
    ),
  )
  return [...findings, `Linted ${results.length} files.`, ""].join("\n")
}
