import { isDeepStrictEqual } from "node:util"
import { redactJson } from "@aegis/redact"
import { configKeys } from "./config-keys.ts"
import type { Config } from "./config-schema.ts"
import { valueAt } from "./value-at.ts"

const HIDDEN = "[hidden]"

/** A key of the configuration with its value, less what is secret. */
export interface ShownKey {
  /** `agent.default` */
  readonly key: string
  readonly path: readonly string[]
  /** The environment variable that overrides it. */
  readonly variable: string | undefined
  readonly value: unknown
  readonly isDefault: boolean
}

/** Every key, and the agents that somebody named. */
export function shownConfig({ agents, ...config }: Omit<Config, "stateDir">): readonly ShownKey[] {
  const effective = { ...config, agents: { autoInstall: agents.autoInstall } }
  const keys = configKeys.map(({ path, variable, isSecret, default: byDefault }) => {
    const value = valueAt(effective, path)
    const shown = isSecret && value !== undefined ? HIDDEN : value
    return { key: path.join("."), path, variable, value: shown, isDefault: isDeepStrictEqual(value, byDefault) }
  })
  const named = Object.entries(agents.named).map(([name, agent]) => ({
    key: `agents.${name}`,
    path: ["agents", name],
    variable: undefined,
    // What is handed to an agent by name is mostly its credential.
    value: agent.env
      ? { ...agent, env: Object.fromEntries(Object.keys(agent.env).map((name) => [name, HIDDEN])) }
      : agent,
    isDefault: false,
  }))
  return [...keys, ...named]
}

/**
 * What is not as it is by default, for the log: also without what looks like a secret where none should be, and without
 * the folder that the log itself is in, which is nobody's business who reads it from outside.
 */
export function toldSettings({ stateDir: _, ...config }: Config): Record<string, unknown> {
  const told = shownConfig(config).filter(({ isDefault, value }) => !isDefault && value !== undefined)
  return redactJson(Object.fromEntries(told.map(({ key, value }) => [key, value]))) as Record<string, unknown>
}
