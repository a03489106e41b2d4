import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { CliError } from "./cli-error.ts"
import type { ClaudeSettings } from "./hook-settings.ts"

/** Claude Code's settings in a file; none where there is none. Rejects what cannot be read, so that nothing of it is lost. */
export function readSettings(path: string): ClaudeSettings {
  if (!existsSync(path)) return {}
  const text = readFileSync(path, "utf8")
  if (text.trim() === "") return {}
  const settings = parse(text, path)
  const hooks = isObject(settings) ? (settings.hooks ?? {}) : undefined
  if (!isObject(hooks) || !Object.values(hooks).every((groups) => Array.isArray(groups) && groups.every(isObject)))
    throw new CliError(
      "failed",
      `${path} is not as Claude Code writes it, and stays as it is. Print the hooks: ag hooks install --print`,
    )
  return settings as ClaudeSettings
}

/** Whole or not at all, where a link leads, with the rights that the file had. */
export function writeSettings(path: string, settings: ClaudeSettings) {
  mkdirSync(dirname(path), { recursive: true })
  const target = existsSync(path) ? realpathSync(path) : path
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600
  const draft = `${target}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(settings, undefined, 2)}\n`, { mode, flag: "wx" })
  renameSync(draft, target)
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError("failed", `${path} is not JSON, and stays as it is: ${(error as Error).message}`)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
