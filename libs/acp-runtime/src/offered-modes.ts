import type { ConfigOption, ReadyFact } from "./agent-fact.ts"

/** The modes that an agent can be put into, by its own names; undefined: it knows of none. */
export function offeredModes({ modes, options }: Pick<ReadyFact, "modes" | "options">): readonly string[] | undefined {
  const option = findOption(options, "mode")
  return modes || option ? [...(modes?.available.map(({ id }) => id) ?? []), ...valuesOf(option)] : undefined
}

/** The option that is about it: by its category, else by its id. */
export function findOption(options: readonly ConfigOption[], what: "mode" | "model"): ConfigOption | undefined {
  return options.find(({ category }) => category === what) ?? options.find(({ id }) => id === what)
}

/** What may be chosen. */
export function valuesOf(option: ConfigOption | undefined) {
  return option?.choices.map(({ value }) => value) ?? []
}
