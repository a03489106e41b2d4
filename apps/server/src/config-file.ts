import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { closest, distance } from "fastest-levenshtein"
import { z } from "zod"
import { ConfigError } from "./config-error.ts"
import { objectIn } from "./object-in.ts"
import { readYamlFile, type YamlFile } from "./yaml-file.ts"

export interface ReadConfigFileOptions {
  readonly file?: string
  readonly cwd: string
  readonly home: string
  /** Knows the keys: an unknown one is told with the nearest that exists. */
  readonly schema: z.ZodObject
}

/** The file that is used: the one that is named, else the first that exists, in the order of spec/config.md. */
export function findConfigFile({ file, cwd, home }: Omit<ReadConfigFileOptions, "schema">): string | undefined {
  if (file !== undefined) return resolve(cwd, file)
  const places = [
    join(cwd, ".aegis", "config.yaml"),
    join(cwd, "aegis.config.json"),
    join(home, ".aegis", "config.yaml"),
    join(home, ".aegis", "config.json"),
  ]
  return places.find((place) => existsSync(place))
}

/** What stands in it; none is fine unless it was named. */
export function readConfigFile({ schema, ...options }: ReadConfigFileOptions): YamlFile {
  const source = findConfigFile(options)
  if (source === undefined) return { source, values: {}, placeOf: () => "no file" }
  const file = readYamlFile(source)
  refuseUnknownKeys(file, schema)
  return file
}

function refuseUnknownKeys(
  { values, placeOf }: Pick<YamlFile, "values" | "placeOf">,
  schema: z.ZodObject,
  path: readonly string[] = [],
) {
  const known = Object.keys(schema.shape)
  const place = path.map((name) => `${name}.`).join("")
  for (const [key, value] of Object.entries(values)) {
    const here = [...path, key]
    if (!known.includes(key))
      throw new ConfigError(`${placeOf(here)}: there is no key "${place}${key}".${suggestion(key, known, place)}`)
    const inner = objectIn(schema.shape[key])
    // Beside the keys of one that takes others stand names of somebody's own.
    if (inner?.def.catchall instanceof z.ZodNever && typeof value === "object" && value !== null)
      refuseUnknownKeys({ values: value as Record<string, unknown>, placeOf }, inner, here)
  }
}

function suggestion(key: string, known: readonly string[], path: string) {
  const nearest = closest(key, [...known])
  return distance(key, nearest) <= 3 ? ` Did you mean "${path}${nearest}"?` : ` There are: ${known.join(", ")}.`
}
