import type { AegisParts } from "./aegis-parts.ts"
import { lastAnswer } from "./last-answer.ts"
import type { MetricsBook } from "./metrics-book.ts"
import type { Session } from "./session.ts"
import type { SessionMetrics } from "./session-metrics.ts"
import type { ToolUse } from "./tool-use.ts"
import { messageOf, type TranscriptMessage } from "./transcript.ts"

/** A session's transcript in short. */
export interface SessionSummary {
  readonly session: Session
  readonly metrics: SessionMetrics
  /** The first and the last thing that it was asked, and the agent's last words. Long ones end with `…`. */
  readonly firstPrompt?: ShortText
  readonly lastPrompt?: ShortText
  readonly lastAnswer?: ShortText
  readonly tools: readonly ToolUse[]
  /** As the agent says, each once. */
  readonly changedFiles: readonly string[]
}

export interface ShortText {
  /** The message's id in the transcript. */
  readonly id: number
  readonly text: string
  readonly timestamp: string
}

const LONGEST = 2000
const MOST_FILES = 200

export interface SummaryParts {
  readonly log: AegisParts["log"]
  readonly metrics: MetricsBook
}

/** What it takes is read where it stands, however long the transcript is. */
export async function summarize(
  { log, metrics: book }: SummaryParts,
  { session, metrics }: Pick<SessionSummary, "session" | "metrics">,
): Promise<SessionSummary> {
  const stream = session.id
  const types = ["message.user"]
  const [first] = await log.read({ stream, types, limit: 1 })
  const [last] = await log.read({ stream, types, direction: "backward", limit: 1 })
  const answer = await lastAnswer(log, stream)
  return {
    session,
    metrics,
    ...(first ? { firstPrompt: short(shown(first.event)) } : {}),
    ...(last ? { lastPrompt: short(shown(last.event)) } : {}),
    ...(answer ? { lastAnswer: short(answer) } : {}),
    tools: await book.sessionTools(stream),
    changedFiles: await book.changedFiles(stream, MOST_FILES),
  }
}

type Recorded = Parameters<typeof messageOf>[0]

function shown(event: Recorded) {
  return { id: event.seq, text: messageOf(event)?.text ?? "", timestamp: event.at }
}

function short({ id, text, timestamp }: Pick<TranscriptMessage, "id" | "text" | "timestamp">): ShortText {
  return { id, text: text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text, timestamp }
}
