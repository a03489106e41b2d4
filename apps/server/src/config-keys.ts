import type { z } from "zod"
import { ConfigSchema, variables } from "./config-schema.ts"
import { objectIn } from "./object-in.ts"

/** A key of the configuration, as a person writes it. */
export interface ConfigKey {
  readonly path: readonly string[]
  /** The environment variable that overrides it. */
  readonly variable: string | undefined
  readonly description: string
  /** Undefined: without a value it is something else, as its description says. */
  readonly default: unknown
  readonly isSecret: boolean
}

/** Every key but the agents that somebody names, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = keysOf(ConfigSchema, [])

/** Whether what stands there is for nobody else to read: what is handed to an agent by name is mostly its credential. */
export function isSecretKey(path: readonly string[]) {
  const [first, , third] = path
  const key = configKeys.find((known) => known.path.join(".") === path.join("."))
  return key?.isSecret ?? (first === "agents" && third === "env")
}

function keysOf(schema: z.ZodObject, path: readonly string[]): ConfigKey[] {
  return Object.entries(schema.shape).flatMap(([name, inner]) => {
    const object = objectIn(inner)
    return object ? keysOf(object, [...path, name]) : [keyOf(inner as z.ZodType, [...path, name])]
  })
}

function keyOf(schema: z.ZodType, path: readonly string[]): ConfigKey {
  const written = path.join(".")
  const { description = "", isSecret = false } = (schema.meta() ?? {}) as Partial<ConfigKey>
  return {
    path,
    variable: Object.entries(variables).find(([, target]) => target.join(".") === written)?.[0],
    description,
    default: schema.parse(undefined),
    isSecret,
  }
}
