import { existsSync } from "node:fs"
import { join } from "node:path"
import { closest, distance } from "fastest-levenshtein"
import type { z } from "zod"
import { ConfigError } from "./config-error.ts"
import { readYamlFile } from "./yaml-file.ts"

export interface ReadConfigFileOptions {
  readonly file?: string
  readonly cwd: string
  readonly home: string
  /** Knows the keys: an unknown one is told with the nearest that exists. */
  readonly schema: z.ZodObject
}

export interface ConfigFile {
  readonly source: string | undefined
  readonly values: Record<string, unknown>
}

/** The first file that exists, in the order of spec/config.md; none is fine unless it was named. */
export function readConfigFile({ file, cwd, home, schema }: ReadConfigFileOptions): ConfigFile {
  const places = [
    join(cwd, ".aegis", "config.yaml"),
    join(cwd, "aegis.config.json"),
    join(home, ".aegis", "config.yaml"),
    join(home, ".aegis", "config.json"),
  ]
  const source = file ?? places.find((place) => existsSync(place))
  if (source === undefined) return { source, values: {} }
  const { values } = readYamlFile(source)
  refuseUnknownKeys(values, schema, source)
  return { source, values }
}

function refuseUnknownKeys(values: Record<string, unknown>, schema: z.ZodObject, source: string, path = "") {
  const known = Object.keys(schema.shape)
  for (const [key, value] of Object.entries(values)) {
    if (!known.includes(key))
      throw new ConfigError(`${source}: there is no key "${path}${key}".${suggestion(key, known, path)}`)
    const inner = innerObject(schema.shape[key])
    if (inner && typeof value === "object" && value !== null)
      refuseUnknownKeys(value as Record<string, unknown>, inner, source, `${path}${key}.`)
  }
}

function suggestion(key: string, known: readonly string[], path: string) {
  const nearest = closest(key, [...known])
  return distance(key, nearest) <= 3 ? ` Did you mean "${path}${nearest}"?` : ` There are: ${known.join(", ")}.`
}

function innerObject(schema: unknown): z.ZodObject | undefined {
  const definition = (schema as { readonly def?: { readonly type: string; readonly innerType?: unknown } } | undefined)
    ?.def
  if (definition?.type === "object") return schema as z.ZodObject
  return definition?.innerType === undefined ? undefined : innerObject(definition.innerType)
}
