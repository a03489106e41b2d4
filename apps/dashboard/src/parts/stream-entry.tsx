import { memo } from "react"
import {
  type ApprovalEntry,
  type Entry,
  type QuestionEntry,
  type ToolEntry,
  type TurnEntry,
  textOf,
} from "../live/session-fold.ts"
import { Markdown } from "./markdown.tsx"
import { commandOf, diffsOf, ToolInput, ToolOutput } from "./tool-content.tsx"
import { duration, headline, visible, withoutAnsi } from "./words.ts"

/** One thing of a session's stream. Drawn again only when it has changed. */
export const StreamEntry = memo(function StreamEntry({ entry }: { readonly entry: Entry }) {
  switch (entry.kind) {
    case "user":
      return (
        <article className="entry entry-user" aria-label="You">
          <div className="bubble">{visible(textOf(entry.content))}</div>
        </article>
      )
    case "assistant":
      return (
        <article className="entry entry-assistant" aria-label="Agent">
          <Markdown text={withoutAnsi(entry.text)} />
        </article>
      )
    case "thinking":
      return (
        <details className="entry entry-thinking">
          <summary>Thought</summary>
          <Markdown text={withoutAnsi(entry.text)} />
        </details>
      )
    case "content":
      return <article className="entry entry-notice">{visible(textOf(entry.content))}</article>
    case "tool":
      return <ToolCard entry={entry} />
    case "approval":
      return <Decided entry={entry} />
    case "question":
      return <Answered entry={entry} />
    case "notice":
      return (
        <p className={`entry entry-notice notice-${entry.tone}`} role={entry.tone === "error" ? "alert" : undefined}>
          {visible(withoutAnsi(entry.text))}
        </p>
      )
    case "turn":
      return <TurnEnd entry={entry} />
  }
})

function ToolCard({ entry: { call, startedAt, endedAt } }: { readonly entry: ToolEntry }) {
  const ended = call.status === "failed" || call.status === "unknown" ? call.status : "done"
  const state = endedAt === undefined ? "running" : ended
  const words = { running: "Running", failed: "Failed", unknown: "Did not tell its end", done: "Done" }[state]
  const title = headline(call.title ?? call.name ?? "Tool")
  const detail = commandOf(call) ?? diffsOf(call)[0]?.path ?? call.locations?.[0]?.path
  const isSaid = detail === undefined || title.endsWith(` ${detail}`)
  return (
    <details className={`entry tool tool-${state}`}>
      <summary>
        <span className="tool-state" role="img" aria-label={words} />
        <span className="tool-title">{title}</span>
        {isSaid ? undefined : <code className="tool-detail">{visible(detail)}</code>}
        <span className="tool-time">{endedAt === undefined ? "" : took(startedAt, endedAt)}</span>
      </summary>
      <div className="tool-body">
        <ToolInput call={call} />
        <ToolOutput call={call} />
      </div>
    </details>
  )
}

function took(startedAt: string, endedAt: string) {
  const milliseconds = Date.parse(endedAt) - Date.parse(startedAt)
  return milliseconds < 1 ? "" : duration(milliseconds)
}

const decisionWords = { approved: "Allowed", rejected: "Rejected", withdrawn: "Withdrawn", expired: "Expired" } as const

// What is open stands above the composer, where it cannot scroll away.
function Decided({ entry: { approval, decision } }: { readonly entry: ApprovalEntry }) {
  if (!decision) return undefined
  return (
    <details className={`entry decision decision-${decision.status}`}>
      <summary>
        <strong>{decisionWords[decision.status]}</strong> {headline(approval.tool.title ?? approval.tool.name ?? "")}{" "}
        {decision.status === "expired" ? undefined : <span className="fine-print">by {visible(decision.by)}</span>}
      </summary>
      <div className="tool-body">
        {decision.reason === undefined ? undefined : <p>{visible(decision.reason)}</p>}
        <ToolInput call={approval.tool} />
        <p className="fine-print">
          SHA-256 of the call: <code>{approval.digest}</code>
        </p>
      </div>
    </details>
  )
}

function Answered({ entry: { question, answer } }: { readonly entry: QuestionEntry }) {
  if (!answer) return undefined
  const given = Object.values(answer.content ?? {}).map((value) =>
    Array.isArray(value) ? value.join(", ") : String(value),
  )
  return (
    <p className="entry decision">
      <strong>{visible(question.message)}</strong>{" "}
      {answer.action === "accept" ? visible(given.join(" · ")) : "declined"}{" "}
      <span className="fine-print">by {visible(answer.by)}</span>
    </p>
  )
}

const stopWords: Readonly<Record<string, string>> = {
  cancelled: "Interrupted",
  max_tokens: "Stopped at the token limit",
  max_turn_requests: "Stopped at the request limit",
  refusal: "The agent refused",
}

function TurnEnd({ entry: { stopReason = "", error, durationMs } }: { readonly entry: TurnEntry }) {
  if (error)
    return (
      <p className="entry entry-notice notice-error" role="alert">
        {visible(withoutAnsi(error.message))} <code>{error.code}</code>
      </p>
    )
  return (
    <div className="entry turn-end">
      <span>
        {[stopWords[stopReason], durationMs === undefined ? undefined : duration(durationMs)]
          .filter((part) => part !== undefined)
          .join(" · ")}
      </span>
    </div>
  )
}
