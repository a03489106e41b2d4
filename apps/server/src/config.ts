import { resolve } from "node:path"
import type { z } from "zod"
import { ConfigError } from "./config-error.ts"
import { readConfigFile } from "./config-file.ts"
import { configKeys, isSecretKey } from "./config-keys.ts"
import { isReference, resolveReferences } from "./config-reference.ts"
import { type Config, ConfigSchema, variables } from "./config-schema.ts"
import { refuseOpenSecret } from "./refuse-open-secret.ts"
import { valueAt } from "./value-at.ts"
import type { YamlFile } from "./yaml-file.ts"

export interface LoadConfigOptions {
  /** `--config`: this file and no other. */
  readonly file?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
}

/** The effective configuration, or a `ConfigError` that says where and what. A broken file is never skipped. */
export function loadConfig({ file, env, cwd, home }: LoadConfigOptions): Config {
  const found = readConfigFile({ ...(file === undefined ? {} : { file }), cwd, home, schema: ConfigSchema })
  refuseOpenFile(found)
  refuseEmptySecrets(env)
  const written = structuredClone(found.values)
  for (const [variable, path] of Object.entries(variables)) if (env[variable]) setAt(written, path, env[variable])
  const values = resolveReferences(written, { env, cwd, isSecret: isSecretKey })
  const parsed = ConfigSchema.safeParse(values)
  if (parsed.success) return withAbsolutePaths(parsed.data, cwd)
  throw new ConfigError(parsed.error.issues.map((issue) => describeIssue(issue, { file: found, env })).join("\n"))
}

/** Of a file that holds a secret itself. */
function refuseOpenFile({ source, values }: YamlFile) {
  const held = configKeys.filter(({ isSecret }) => isSecret).map(({ path }) => valueAt(values, path))
  if (source !== undefined && held.some((value) => value !== undefined && !isReference(value))) refuseOpenSecret(source)
}

// Elsewhere an empty variable is none; here somebody meant to set one.
function refuseEmptySecrets(env: LoadConfigOptions["env"]) {
  for (const { path, variable, isSecret } of configKeys)
    if (isSecret && variable !== undefined && env[variable] === "")
      throw new ConfigError(
        `Configuration: ${path.join(".")}: the variable ${variable} is empty. Give it a value, or unset it.`,
      )
}

function withAbsolutePaths({ policy, audit, workDirs, ...config }: Config, cwd: string): Config {
  const absolute = (path: string) => resolve(cwd, path)
  const ifGiven = (path: string | undefined) => (path === undefined ? undefined : absolute(path))
  const { interval } = audit
  return {
    ...config,
    stateDir: resolve(cwd, config.stateDir),
    policy: withoutUndefined({ file: ifGiven(policy.file) }),
    workDirs: { allow: workDirs.allow.map(absolute), trust: workDirs.trust.map(absolute) },
    audit: { interval, ...withoutUndefined({ key: ifGiven(audit.key), witness: ifGiven(audit.witness) }) },
  }
}

function withoutUndefined<T extends Readonly<Record<string, string | undefined>>>(values: T) {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as { [K in keyof T]?: string }
}

function setAt(values: Record<string, unknown>, path: readonly string[], value: string) {
  const [first = "", ...rest] = path
  if (rest.length === 0) values[first] = value
  else {
    const inner = values[first]
    const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {}
    values[first] = next
    setAt(next, rest, value)
  }
}

function describeIssue(
  { path, message }: z.core.$ZodIssue,
  { file, env }: { readonly file: YamlFile; readonly env: LoadConfigOptions["env"] },
) {
  const key = path.join(".")
  const variable = Object.entries(variables).find(([, target]) => key === target.join("."))?.[0]
  const place = variable !== undefined && env[variable] ? `environment variable ${variable}` : file.placeOf(path)
  return `Configuration: ${key}: ${message} (${place})`
}
