import { execFile } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { findPython } from "./find-python.ts"

const client = fileURLToPath(new URL("../../libs/client-python/", import.meta.url))
const requirements = join(client, "test", "requirements.txt")
const maker = fileURLToPath(new URL("make_venv.py", import.meta.url))
const folder = fileURLToPath(new URL("../node_modules/.cache/python", import.meta.url))

/** The virtual environment of the Python client's tests. */
export interface Venv {
  /** Runs Python with these words in the client's folder, where it leaves nothing; rejects with all that it printed. */
  run(words: readonly string[], options?: RunOptions): Promise<string>
  /** Its own folder, for what may be kept as long as it. */
  readonly folder: string
}

interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Made by the first who asks, and kept; undefined where Python or its packages are not to be had, which fails in CI. */
export async function openVenv(): Promise<Venv | undefined> {
  const python = findPython(process.env)
  if (python === undefined) return undefined
  try {
    await runPython(python, [maker, folder, requirements])
  } catch (error) {
    if (process.env.CI !== undefined) throw error
    return undefined
  }
  return {
    run: (words, { env, ...options } = {}) =>
      runPython(join(folder, "bin", "python"), words, { ...options, env: { ...COMPILED, ...env } }),
    folder,
  }
}

/** Compiled once, and not beside the sources; also where the environment asks for nothing to be compiled. */
const COMPILED = { PYTHONPYCACHEPREFIX: join(folder, "compiled"), PYTHONDONTWRITEBYTECODE: "" }

/** What is printed is compared: whoever runs the tests may want theirs in colours. */
const PLAIN = { NO_COLOR: "1", FORCE_COLOR: undefined }

async function runPython(program: string, words: readonly string[], { cwd = client, env }: RunOptions = {}) {
  try {
    return (await promisify(execFile)(program, words, { cwd, env: { ...process.env, ...PLAIN, ...env } })).stdout
  } catch (error) {
    const { message, stdout = "" } = error as Error & { readonly stdout?: string }
    throw new Error(`${message}\n${stdout}`)
  }
}
