import { type AegisEvent, asKnown, type EventData, type SessionListItem } from "@aegis/client"
import { headline } from "../parts/words.ts"

/** A session as the list shows it. */
export interface SessionRow extends SessionListItem {
  /** The last words that the agent said while this page was open. */
  readonly lastLine?: string
}

const LINE_LENGTH = 160

/** The row after an event of its session; undefined: there is no row yet, and the event does not begin one. */
export function nextRow(row: SessionRow | undefined, event: AegisEvent): SessionRow | undefined {
  if (row === undefined) return firstRow(event)
  // What the list already counted.
  if (event.seq <= row.seq) return row
  const next = { ...row, seq: event.seq, lastActivity: event.at, status: event.status ?? row.status }
  const known = asKnown(event)
  switch (known.type) {
    case "session.updated":
      return updatedRow(next, known.data)
    case "approval.requested":
      return { ...next, pendingApprovals: next.pendingApprovals + 1 }
    case "approval.resolved":
      return { ...next, pendingApprovals: Math.max(0, next.pendingApprovals - 1) }
    case "message.user":
      return { ...next, lastLine: "" }
    case "message.delta":
      return { ...next, lastLine: lastLineOf(`${row.lastLine ?? ""}${known.data.text}`) }
    case "tool.started":
      return { ...next, lastLine: `${headline(known.data.title ?? known.data.name ?? "")}\n` }
    default:
      return next
  }
}

function updatedRow(row: SessionRow, { name, labels, permissionMode }: EventData["session.updated"]): SessionRow {
  const mode = permissionMode as SessionRow["permissionMode"] | undefined
  return {
    ...row,
    name: name ?? row.name,
    labels: labels ?? row.labels,
    permissionMode: mode ?? row.permissionMode,
  }
}

function firstRow(event: AegisEvent): SessionRow | undefined {
  const known = asKnown(event)
  if (known.type !== "session.created" || known.sessionId === undefined) return undefined
  const { name, workDir, permissionMode, agent, owner, labels } = known.data
  return {
    id: known.sessionId,
    name,
    workDir,
    permissionMode: permissionMode as SessionRow["permissionMode"],
    agent,
    owner: owner.userId,
    labels,
    status: known.status ?? "pending",
    createdAt: known.at,
    lastActivity: known.at,
    pendingApprovals: 0,
    seq: known.seq,
  }
}

function lastLineOf(text: string) {
  const lines = text.slice(-4 * LINE_LENGTH).split("\n")
  // A finished line stays until the next one has words.
  const last = lines.findLastIndex((line) => line.trim() !== "")
  return `${lines[last] ?? ""}${last < lines.length - 1 ? "\n" : ""}`.slice(-LINE_LENGTH)
}

/** What needs somebody first, then what works, then the rest; each by its last activity, newest first. */
export function inOrder(rows: Iterable<SessionRow>): readonly SessionRow[] {
  return [...rows].sort(
    (left, right) => urgency(left) - urgency(right) || right.lastActivity.localeCompare(left.lastActivity),
  )
}

function urgency({ status }: SessionRow) {
  if (needsSomebody(status)) return 0
  return status === "working" || status === "pending" || status === "rate_limit" ? 1 : 2
}

export function needsSomebody(status: SessionRow["status"]) {
  return status === "permission_prompt" || status === "asking"
}
