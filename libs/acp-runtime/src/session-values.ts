import type * as acp from "@agentclientprotocol/sdk/unstable"
import type { ConfigChoice, ConfigOption, SessionModes, TokenUsage, ToolCall } from "./agent-fact.ts"
import { present } from "./present.ts"

export function toToolCall(call: acp.ToolCallUpdate): ToolCall {
  return present({
    toolCallId: call.toolCallId,
    name: call.name,
    title: call.title,
    kind: call.kind,
    status: call.status,
    locations: call.locations?.map(({ path, line }) => present({ path, line })),
    input: call.rawInput as object | undefined,
    output: call.rawOutput as object | undefined,
    content: call.content,
  })
}

export function toSessionModes(modes: acp.SessionModeState): SessionModes {
  const available = modes.availableModes.map(({ id, name, description }) => present({ id, name, description }))
  return { current: modes.currentModeId, available }
}

export function toConfigOptions(options: readonly acp.SessionConfigOption[]): readonly ConfigOption[] {
  return options.map((option) => ({
    ...present({
      id: option.id,
      name: option.name,
      description: option.description,
      category: option.category,
      type: option.type,
      current: option.currentValue,
    }),
    choices: option.type === "select" ? toChoices(option.options) : [],
  }))
}

function toChoices(options: acp.SessionConfigSelectOptions): readonly ConfigChoice[] {
  return options.flatMap((item) => {
    if (!("group" in item)) return [toChoice(item)]
    return item.options.map((choice) => ({ ...toChoice(choice), group: item.name }))
  })
}

function toChoice({ value, name, description }: acp.SessionConfigSelectOption): ConfigChoice {
  return present({ value, name, description })
}

export function toTokenUsage(usage: acp.Usage): TokenUsage {
  const { totalTokens, inputTokens, outputTokens, thoughtTokens, cachedReadTokens, cachedWriteTokens } = usage
  return present({ totalTokens, inputTokens, outputTokens, thoughtTokens, cachedReadTokens, cachedWriteTokens })
}
