import { spawnSync } from "node:child_process"

const PROBE = "import sys, pip, venv; print(sys.executable if sys.version_info >= (3, 10) else '')"

/** A Python from 3.10 on with pip and virtual environments; undefined where there is none. CI has one, or has failed. */
export function findPython(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = spawnSync("python3", ["-c", PROBE], { env, encoding: "utf8" }).stdout?.trim()
  if (!found && env.CI !== undefined)
    throw new Error("CI tests the Python client: install Python 3.10 or later, with pip and venv.")
  return found || undefined
}
