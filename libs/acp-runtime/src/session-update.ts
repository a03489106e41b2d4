import type * as acp from "@agentclientprotocol/sdk/unstable"
import type { AgentFact, ContentBlock, MessageRole } from "./agent-fact.ts"
import { isRecord } from "./json-record.ts"
import { present } from "./present.ts"
import { toConfigOptions, toToolCall } from "./session-values.ts"

/** The facts of one session/update; undefined for a kind that has no fact. */
export function toFacts(update: acp.SessionUpdate): readonly AgentFact[] | undefined {
  switch (update.sessionUpdate) {
    case "user_message_chunk":
      return [toMessage("user", update)]
    case "agent_message_chunk":
      return [toNotice(update) ?? toMessage("assistant", update)]
    case "agent_thought_chunk":
      return [toMessage("thought", update)]
    case "tool_call":
      return [{ type: "tool.started", ...toToolCall(update) }]
    case "tool_call_update":
      return [{ type: "tool.updated", ...toToolCall(update) }]
    case "plan":
      return [{ type: "plan", entries: update.entries.map(toPlanEntry) }]
    case "available_commands_update":
      return [{ type: "commands", commands: update.availableCommands.map(toCommand) }]
    case "current_mode_update":
      return [{ type: "mode", modeId: update.currentModeId }]
    case "config_option_update":
      return [{ type: "options", options: toConfigOptions(update.configOptions) }]
    case "session_info_update":
      // The time of the last change, which it carries too, says nothing that a log does not know.
      return update.title === undefined ? [] : [{ type: "title", title: update.title ?? "" }]
    case "usage_update":
      return [{ type: "usage", ...present({ used: update.used, size: update.size, cost: toCost(update.cost) }) }]
    case "notice":
      return [{ type: "notice", kind: update.severity, text: joinLines(update.title, update.description) }]
    // Sent to clients that declare what these need, which ours does not.
    case "plan_update":
    case "plan_removed":
    case "compaction_update":
    case "compaction_summary_chunk":
    case "subagent_update":
    case "session_message":
    case "session_message_chunk":
      return undefined
    default:
      return kindToCome(update)
  }
}

/** The switch names every kind of today; at run time there are kinds of tomorrow. */
function kindToCome(_update: never) {
  return undefined
}

function toMessage(role: MessageRole, { content, messageId }: acp.ContentChunk): AgentFact {
  if (content.type === "text") return { type: "message.delta", role, text: content.text, ...present({ messageId }) }
  return { type: "message.content", role, block: content as unknown as ContentBlock, ...present({ messageId }) }
}

/** The Claude adapter's own lines come as chunks of the assistant; its mark keeps them out of the transcript's text. */
function toNotice({ content, _meta }: acp.ContentChunk): AgentFact | undefined {
  const mark = isRecord(_meta?.claudeCode) ? _meta.claudeCode.kind : undefined
  if (typeof mark !== "string" || content.type !== "text") return undefined
  return { type: "notice", kind: mark, text: content.text }
}

function toPlanEntry({ content, priority, status }: acp.PlanEntry) {
  return { content, priority, status }
}

function toCommand({ name, description, input }: acp.AvailableCommand) {
  return present({ name, description, hint: input?.hint })
}

function toCost(cost: acp.Cost | null | undefined) {
  return cost ? { amount: cost.amount, currency: cost.currency } : undefined
}

function joinLines(title: string, description: string | null | undefined) {
  return description ? `${title}\n${description}` : title
}
