import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { makeClientVenv } from "../../../tooling/python/make-client-venv.ts"

const venv = await makeClientVenv(["pydantic", "mypy", "ruff", "pytest"])

describe.skipIf(venv === undefined)("the Python client", () => {
  const run = (module: string, ...words: readonly string[]) => venv?.run(module, words)
  const example = join(venv?.folder ?? "", "readme_example.py")
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  writeFileSync(example, /```python\n(.*?)```/s.exec(readme)?.[1] ?? "")
  afterAll(() => venv?.remove())

  it("has types throughout, and so have its tests and its README's example", async () => {
    const said = await run("mypy", "--cache-dir", join(venv?.folder ?? "", "mypy"), "src", "test", example)
    expect(said).toMatch(/^Success: no issues found in \d\d source files\n$/)
  })

  it("is formatted, what is generated too", async () => {
    expect(await run("ruff", "format", "--no-cache", "--check", ".", example)).toMatch(
      /^\d\d files already formatted\n$/,
    )
  })

  it("has nothing that its linter minds", async () => {
    expect(await run("ruff", "check", "--no-cache", ".", example)).toBe("All checks passed!\n")
  })

  it("passes its own tests, as it is installed", async () => {
    const summary = await run("pytest", "--quiet", "test", "--ignore", "test/live")
    expect(summary).toMatch(/^\d+ passed in .*s$/m)
  })
})
