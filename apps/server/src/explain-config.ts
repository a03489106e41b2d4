import { type LoadConfigOptions, loadConfig } from "./config.ts"
import { readConfigFile } from "./config-file.ts"
import { isReference } from "./config-reference.ts"
import { ConfigSchema } from "./config-schema.ts"
import { shownConfig } from "./shown-config.ts"
import { valueAt } from "./value-at.ts"

/** What a key of the configuration is at the moment, and why. */
export interface ExplainedKey {
  /** `agent.default` */
  readonly key: string
  /** Secrets are not in it: `[hidden]`. What was written as a reference is that reference. */
  readonly value: unknown
  /** `default`, a variable's name, or `file:line:column`. */
  readonly from: string
}

/** The effective configuration, key by key (spec/config.md); a `ConfigError` where there is none. */
export function explainConfig(options: LoadConfigOptions): readonly ExplainedKey[] {
  const file = readConfigFile({ ...options, schema: ConfigSchema })
  return shownConfig(loadConfig(options)).map(({ key, path, variable, value }) => {
    const given = variable === undefined ? undefined : options.env[variable] || undefined
    const written = given ?? valueAt(file.values, path)
    return {
      key,
      value: isReference(written) ? written : value,
      from: given === undefined ? (written === undefined ? "default" : file.placeOf(path)) : `${variable}`,
    }
  })
}
