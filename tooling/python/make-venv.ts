import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { findPython } from "./find-python.ts"

const client = fileURLToPath(new URL("../../libs/client-python/", import.meta.url))

/** A virtual environment for the tests of the Python client. */
export interface Venv {
  /** Runs a module (`python -m`) in the client's folder, where it leaves nothing; rejects with all that it printed. */
  run(module: string, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** Installs more. */
  install(...words: readonly string[]): Promise<unknown>
  /** Its own folder, for what is needed as long as it. */
  readonly folder: string
  remove(): void
}

/** One that has these packages; undefined where Python or the packages are not to be had. CI has them, or has failed. */
export async function makeVenv(packages: readonly string[]): Promise<Venv | undefined> {
  const python = findPython(process.env)
  if (python === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), "aegis-python-"))
  const venv: Venv = {
    run: (module, words, env) =>
      runModule(join(folder, "bin", "python"), [module, ...words], {
        PYTHONPYCACHEPREFIX: join(folder, "compiled"),
        ...env,
      }),
    // With the pip that is there: to bring one of its own costs more than all that it installs.
    install: (...words) => runModule(python, ["pip", "--python", folder, "install", "--quiet", ...words], PATIENCE),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
  try {
    await runModule(python, ["venv", "--without-pip", folder], {})
    await venv.install("--constraint", join(client, "test", "requirements.txt"), ...packages)
    return venv
  } catch (error) {
    venv.remove()
    if (process.env.CI !== undefined) throw error
    return undefined
  }
}

/** A missing index costs one look; what is run is compiled then. */
const PATIENCE = { PIP_RETRIES: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_COMPILE: "1" }

async function runModule(program: string, words: readonly string[], env: Readonly<Record<string, string>>) {
  try {
    const options = { cwd: client, env: { ...process.env, ...env } }
    return (await promisify(execFile)(program, ["-m", ...words], options)).stdout
  } catch (error) {
    const { message, stdout = "" } = error as Error & { readonly stdout?: string }
    throw new Error(`${message}\n${stdout}`)
  }
}
