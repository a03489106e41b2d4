import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, it } from "vitest"
import { openVenv, type Venv } from "../../../tooling/python/open-venv.ts"

const venv = await openVenv()

const source = fileURLToPath(new URL("../", import.meta.url))

/** What makes that environment is held to the same. */
const TOOLS = "../../tooling/python"
const RUFF = ["--no-cache", "--config", "pyproject.toml"]

// Side by side: the types take as long as all the rest.
describe.skipIf(venv === undefined).concurrent("the Python client", () => {
  const folder = venv?.folder ?? ""
  const example = join(folder, "readme_example.py")
  const run = (module: string, ...words: readonly string[]) => venv?.run(["-m", module, ...words])
  beforeAll(() =>
    writeFileSync(example, /```python\n(.*?)```/s.exec(readFileSync(join(source, "README.md"), "utf8"))?.[1] ?? ""),
  )

  it("has types throughout, and so have its tests and its README's example", async ({ expect }) => {
    const said = await run("mypy", "--cache-dir", join(folder, "mypy"), "src", "test", TOOLS, example)
    expect(said).toMatch(/^Success: no issues found in \d\d source files\n$/)
  })

  it("is formatted, what is generated too", async ({ expect }) => {
    const said = await run("ruff", "format", ...RUFF, "--check", ".", TOOLS, example)
    expect(said).toMatch(/^\d\d files already formatted\n$/)
  })

  it("has nothing that its linter minds", async ({ expect }) => {
    expect(await run("ruff", "check", ...RUFF, ".", TOOLS, example)).toBe("All checks passed!\n")
  })

  it("passes its own tests, as it is installed", async ({ expect }) => {
    const installed = venv && (await installClient(venv))
    const summary = await venv?.run(["-m", "pytest", "--quiet", "test", "--ignore", "test/live"], {
      env: { PYTHONPATH: installed ?? "" },
    })
    expect(summary).toMatch(/^\d+ passed in .*s$/m)
  })
})

const INSTALL = `
from zipfile import ZipFile
from setuptools.build_meta import build_wheel
ZipFile(build_wheel(".")).extractall("installed")
`

// What a wheel installs is what is in it. Built from a copy: a build leaves its traces beside the sources.
async function installClient({ folder, run }: Venv) {
  const copy = join(folder, "client")
  rmSync(copy, { recursive: true, force: true })
  for (const name of ["pyproject.toml", "README.md", "LICENSE", "src"])
    cpSync(join(source, name), join(copy, name), { recursive: true })
  await run(["-c", INSTALL], { cwd: copy })
  return join(copy, "installed")
}
