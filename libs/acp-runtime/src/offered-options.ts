import type { ConfigOption, ReadyFact } from "./agent-fact.ts"

/** What one of an agent's options is to be. `id`: the option's own, or `model` or `effort` for the one that is about it. */
export interface OptionWish {
  readonly id: string
  readonly value: string | boolean
}

/** The modes that an agent can be put into, by its own names; undefined: it knows of none. */
export function offeredModes({ modes, options }: Pick<ReadyFact, "modes" | "options">): readonly string[] | undefined {
  const option = findOption(options, "mode")
  return modes || option ? [...(modes?.available.map(({ id }) => id) ?? []), ...valuesOf(option)] : undefined
}

/** The option of that name: for what every agent may have by its category, else by its id. */
export function findOption(options: readonly ConfigOption[], name: string): ConfigOption | undefined {
  const about = categories.get(name)
  return (
    options.find(({ category }) => about !== undefined && category === about) ?? options.find(({ id }) => id === name)
  )
}

// The protocol's own names (ACP, Session Config Options).
const categories = new Map([
  ["mode", "mode"],
  ["model", "model"],
  ["effort", "thought_level"],
])

/** Why an agent that offers these options cannot be set to it, or not by this; undefined: it can. */
export function refuseOption(options: readonly ConfigOption[], { id, value }: OptionWish): string | undefined {
  const option = findOption(options, id)
  if (!option) return `The agent has no option "${id}"; it has ${listed(options.map((one) => one.id))}.`
  if (option === findOption(options, "mode"))
    return "The agent's mode is not one of its options here: it is the session's."
  if (option.type === "boolean")
    return typeof value === "boolean" ? undefined : `The agent's option "${id}" is true or false, and not "${value}".`
  const values = valuesOf(option)
  if (typeof value === "string" && values.includes(value)) return undefined
  return `The agent has no ${id} "${value}"; it offers ${listed(values)}.`
}

/** What may be chosen. */
function valuesOf(option: ConfigOption | undefined) {
  return option?.choices.map(({ value }) => value) ?? []
}

export function listed(words: readonly string[]) {
  return words.length === 0 ? "none to choose from" : words.join(", ")
}
