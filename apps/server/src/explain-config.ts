import { type LoadConfigOptions, loadConfig } from "./config.ts"
import { readConfigFile } from "./config-file.ts"
import { configKeys } from "./config-keys.ts"
import { isReference } from "./config-reference.ts"
import { ConfigSchema } from "./config-schema.ts"
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
  const { agents, ...config } = loadConfig(options)
  const file = readConfigFile({ ...options, schema: ConfigSchema })
  const effective = { ...config, agents: { autoInstall: agents.autoInstall } }
  const keys = configKeys.map(({ path, variable, isSecret }) => {
    const written = (variable === undefined ? undefined : options.env[variable]) || valueAt(file.values, path)
    const value = isReference(written) ? written : valueAt(effective, path)
    return {
      key: path.join("."),
      value: isSecret && value !== undefined && !isReference(written) ? HIDDEN : value,
      from: fromOf({ path, variable }),
    }
  })
  const named = Object.entries(agents.named).map(([name, agent]) => ({
    key: `agents.${name}`,
    // What is handed to an agent by name is mostly its credential.
    value: agent.env
      ? { ...agent, env: Object.fromEntries(Object.keys(agent.env).map((key) => [key, HIDDEN])) }
      : agent,
    from: file.placeOf(["agents", name]),
  }))
  return [...keys, ...named]

  function fromOf({ path, variable }: { readonly path: readonly string[]; readonly variable: string | undefined }) {
    if (variable !== undefined && options.env[variable]) return variable
    return valueAt(file.values, path) === undefined ? "default" : file.placeOf(path)
  }
}

const HIDDEN = "[hidden]"
