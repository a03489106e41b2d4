import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { findPython } from "./find-python.ts"

const run = promisify(execFile)
const source = fileURLToPath(new URL("../../libs/client-python/", import.meta.url))

/** A virtual environment that has the Python client as it is published. */
export interface ClientVenv {
  /** Runs one of its modules (`python -m`) in the client's folder, where it leaves nothing; rejects with what it printed. */
  run(module: string, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** Its own folder, for what is only needed as long as it. */
  readonly folder: string
  remove(): void
}

/** With these packages beside the client; undefined where Python or the packages are not to be had. CI has them, or has failed. */
export async function makeClientVenv(packages: readonly string[]): Promise<ClientVenv | undefined> {
  const python = findPython(process.env)
  if (python === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), "aegis-python-"))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // A missing index costs one look; and what is run is compiled then.
  const quiet = { PIP_RETRIES: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_COMPILE: "1" }
  const runWith = (program: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    print(run(program, ["-m", ...words], { cwd: source, env: { ...process.env, ...quiet, ...env } }))
  // With the pip that is there: to bring one of its own costs more than all that it installs.
  const install = (...words: readonly string[]) =>
    runWith(python, ["pip", "--python", folder, "install", "--quiet", ...words])
  try {
    await runWith(python, ["venv", "--without-pip", folder])
    await install("--constraint", join(source, "test", "requirements.txt"), "setuptools", ...packages)
  } catch (error) {
    remove()
    if (process.env.CI !== undefined) throw error
    return undefined
  }
  await install("--no-build-isolation", "--no-deps", copyClient(folder))
  return {
    run: (module, words, env) =>
      runWith(join(folder, "bin", "python"), [module, ...words], {
        PYTHONPYCACHEPREFIX: join(folder, "compiled"),
        ...env,
      }),
    folder,
    remove,
  }
}

// From a copy: a build leaves its traces beside the sources.
function copyClient(folder: string) {
  const copy = join(folder, "client")
  for (const name of ["pyproject.toml", "README.md", "LICENSE", "src"])
    cpSync(join(source, name), join(copy, name), { recursive: true })
  return copy
}

async function print(running: Promise<{ readonly stdout: string }>) {
  try {
    return (await running).stdout
  } catch (error) {
    const { message, stdout = "" } = error as Error & { readonly stdout?: string }
    throw new Error(`${message}\n${stdout}`, { cause: error })
  }
}
