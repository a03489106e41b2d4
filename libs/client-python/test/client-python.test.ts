import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeVenv } from "../../../tooling/python/make-venv.ts"

const venv = await makeVenv(["pydantic", "mypy", "ruff", "pytest", "setuptools"])

const source = fileURLToPath(new URL("../", import.meta.url))

describe.skipIf(venv === undefined)("the Python client", () => {
  const folder = venv?.folder ?? ""
  const example = join(folder, "readme_example.py")
  const run = (module: string, ...words: readonly string[]) => venv?.run(module, words)
  beforeAll(async () => {
    writeFileSync(example, /```python\n(.*?)```/s.exec(readFileSync(join(source, "README.md"), "utf8"))?.[1] ?? "")
    await venv?.install("--no-build-isolation", "--no-deps", copyClient(folder))
  })
  afterAll(() => venv?.remove())

  it("has types throughout, and so have its tests and its README's example", async () => {
    const said = await run("mypy", "--cache-dir", join(folder, "mypy"), "src", "test", example)
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

// Built from a copy: a build leaves its traces beside the sources.
function copyClient(folder: string) {
  const copy = join(folder, "client")
  for (const name of ["pyproject.toml", "README.md", "LICENSE", "src"])
    cpSync(join(source, name), join(copy, name), { recursive: true })
  return copy
}
