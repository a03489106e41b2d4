import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { resolve } from "node:path"
import { ConfigError } from "./config-error.ts"
import { refuseOpenSecret } from "./refuse-open-secret.ts"

export interface ConfigReferenceOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative files are. */
  readonly cwd: string
  /** Of a key, whether the file that it names is to be for nobody else. */
  readonly isSecret: (path: readonly string[]) => boolean
}

/**
 * The value of a key whose text is `${env:NAME}` or `${file:/path}`; of any other the value itself. So a secret can be where
 * secrets are, and the configuration can be shown (spec/config.md).
 */
export function resolveReferences(
  value: unknown,
  options: ConfigReferenceOptions,
  path: readonly string[] = [],
): unknown {
  if (typeof value === "string") return resolveText(value, options, path)
  if (Array.isArray(value)) return value.map((item, index) => resolveReferences(item, options, [...path, `${index}`]))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, resolveReferences(inner, options, [...path, key])])
  return Object.fromEntries(entries) as unknown
}

const REFERENCE = /^\$\{(env|file):(.+)\}$/s

/** Whether a value stands for one that is elsewhere. */
export function isReference(value: unknown): value is string {
  return typeof value === "string" && REFERENCE.test(value)
}

function resolveText(text: string, { env, cwd, isSecret }: ConfigReferenceOptions, path: readonly string[]) {
  const [, kind, name = ""] = REFERENCE.exec(text) ?? []
  const refuse = (why: string): never => {
    throw new ConfigError(`Configuration: ${path.join(".")}: ${text} ${why}`)
  }
  if (kind === "env") return env[name] || refuse("is not set: set the variable, or write a value.")
  if (kind !== "file") return text
  const file = resolve(cwd, name.replace(/^~(?=\/)/, homedir()))
  try {
    if (isSecret(path)) refuseOpenSecret(file)
    return readFileSync(file, "utf8").replace(/\r?\n$/, "")
  } catch (error) {
    if (error instanceof ConfigError) throw error
    return refuse(`cannot be read: ${(error as Error).message}`)
  }
}
