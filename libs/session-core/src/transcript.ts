import type { AegisEvent, ContentBlock } from "./events.ts"

/** A message as people read it: a projection of the events (spec/events.md, Transcript). */
export interface TranscriptMessage {
  /** `seq` of the message's first event: it never changes. */
  readonly id: number
  readonly role: "user" | "assistant" | "system"
  readonly contentType:
    | "text"
    | "thinking"
    | "tool_use"
    | "tool_result"
    | "tool_error"
    | "permission_request"
    | "progress"
  readonly text: string
  readonly timestamp: string
  readonly toolName?: string
  readonly toolUseId?: string
}

type Recorded = AegisEvent & { readonly seq: number }
type Started = Pick<TranscriptMessage, "role" | "contentType" | "text"> & Partial<TranscriptMessage>

/** Whether this event begins a message, or goes on with the one that the event before it belongs to. */
export function continues(previous: Recorded | undefined, event: Recorded) {
  if (event.type !== "message.delta" && event.type !== "thinking.delta") return false
  return previous?.type === event.type && previous.data.messageId === event.data.messageId
}

/**
 * The messages of a stream's events, which have to be in order and without holes. Contiguous deltas of one message are
 * one; events that show nothing do not part them.
 */
export function toMessages(events: readonly Recorded[]): readonly TranscriptMessage[] {
  const messages: { -readonly [K in keyof TranscriptMessage]: TranscriptMessage[K] }[] = []
  let previous: Recorded | undefined
  for (const event of events) {
    const begun = messageOf(event)
    if (begun === undefined) continue
    const last = messages.at(-1)
    if (last && continues(previous, event)) last.text += begun.text
    else messages.push({ id: event.seq, timestamp: event.at, ...begun })
    previous = event
  }
  return messages
}

/** What an event shows to a reader of the transcript, if anything. */
export function messageOf(event: Recorded): Started | undefined {
  switch (event.type) {
    case "message.user":
      return { role: "user", contentType: "text", text: textOf(event.data.content) }
    case "message.delta":
      return { role: "assistant", contentType: "text", text: event.data.text }
    case "message.completed":
      return { role: "assistant", contentType: "text", text: textOf(event.data.content) }
    case "thinking.delta":
      return { role: "assistant", contentType: "thinking", text: event.data.text }
    case "message.notice":
      return { role: "system", contentType: "text", text: event.data.text }
    case "tool.started":
      return {
        role: "assistant",
        contentType: "tool_use",
        text: event.data.title ?? event.data.name ?? "",
        ...toolOf(event.data),
      }
    case "tool.ended":
      return {
        role: "assistant",
        contentType: event.data.status === "failed" ? "tool_error" : "tool_result",
        text: outputOf(event.data),
        ...toolOf(event.data),
      }
    case "approval.requested":
      return {
        role: "system",
        contentType: "permission_request",
        text: event.data.tool.title ?? event.data.tool.name ?? "",
        ...toolOf(event.data.tool),
      }
    case "question.asked":
      return { role: "assistant", contentType: "text", text: event.data.message }
    default:
      return undefined
  }
}

function textOf(content: readonly ContentBlock[]) {
  return content
    .map((block) => (block.type === "text" && typeof block.text === "string" ? block.text : `[${block.type}]`))
    .join("\n")
}

function toolOf({ name, toolCallId }: { readonly name?: string | undefined; readonly toolCallId: string }) {
  return { toolUseId: toolCallId, ...(name === undefined ? {} : { toolName: name }) }
}

function outputOf({
  content,
  output,
  title,
}: {
  readonly content?: readonly ContentBlock[] | undefined
  readonly output?: unknown
  readonly title?: string | undefined
}) {
  const texts = (content ?? []).flatMap((block) => {
    const inner = block.content as { readonly type?: unknown; readonly text?: unknown } | undefined
    return typeof inner?.text === "string" ? [inner.text] : []
  })
  if (texts.length > 0) return texts.join("\n")
  if (typeof output === "string") return output
  return output === undefined ? (title ?? "") : JSON.stringify(output)
}
