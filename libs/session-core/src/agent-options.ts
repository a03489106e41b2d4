/** What an agent's options are set to, by their ids; `model` and `effort`: those that are about it, whatever their ids. */
export type AgentOptions = Readonly<Record<string, string | boolean>>

interface Kept {
  readonly model?: string
  readonly options?: AgentOptions
}

/** All that somebody has set of a session's agent. */
export function optionsOf({ model, options }: Kept): AgentOptions {
  return { ...(model === undefined ? {} : { model }), ...options }
}

/** In the order in which the agent is told: what it offers may depend on the model. */
export function optionWishes({ model, ...others }: AgentOptions) {
  const wishes = Object.entries(others).map(([id, value]) => ({ id, value }))
  return model === undefined ? wishes : [{ id: "model", value: model }, ...wishes]
}

/** How a session keeps them: its model is the one that it is listed and counted by. */
export function keptOptions({ model, ...options }: AgentOptions): Kept {
  return {
    ...(typeof model === "string" ? { model } : {}),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  }
}
