import type { SessionListItem } from "@aegis/client"

type Status = SessionListItem["status"]

/** A state in a person's words, and how it feels. */
export const statusWords: Readonly<Record<Status, { readonly text: string; readonly tone: Tone }>> = {
  pending: { text: "Starting", tone: "busy" },
  idle: { text: "Ready", tone: "calm" },
  working: { text: "Working", tone: "busy" },
  permission_prompt: { text: "Needs approval", tone: "urgent" },
  asking: { text: "Has a question", tone: "urgent" },
  rate_limit: { text: "Rate limited", tone: "warning" },
  error: { text: "Failed", tone: "bad" },
  crashed: { text: "Crashed", tone: "bad" },
  killed: { text: "Ended", tone: "over" },
  completed: { text: "Completed", tone: "good" },
  unknown: { text: "Out of reach", tone: "warning" },
}
export type Tone = "busy" | "calm" | "urgent" | "warning" | "bad" | "good" | "over"

/** Nothing more comes of such a session. */
export function isOver(status: Status) {
  return status === "killed" || status === "completed"
}

/** Its agent was started elsewhere, and takes nothing from here. */
export function isObserved(agent: string) {
  return agent === "external"
}

export function duration(milliseconds: number) {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`
  const seconds = milliseconds / 1000
  if (seconds < 90) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

export function dollars(micros: number) {
  return `$${(micros / 1_000_000).toFixed(micros > 0 && micros < 10_000 ? 4 : 2)}`
}

/** How long ago, as short as it can be said. */
export function ago(at: string, now: number) {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000)
  if (seconds < 10) return "now"
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return new Date(at).toLocaleDateString()
}

/** What an agent or its program wrote, without the codes that colour a terminal. Never of what is to be decided. */
export function withoutAnsi(text: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  return text.replaceAll(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g, "")
}

/**
 * Characters that hide or turn text around are shown by their number: what is approved must read as it is. Nothing is left
 * out: between two codes of a terminal there is room for a command.
 */
export function visible(text: string) {
  return text.replaceAll(
    /(?![\t\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Longer ones are no headlines; the whole call has all of it. */
const LONGEST_HEADLINE = 200

/** What an agent calls something, in one line. */
export function headline(text: string) {
  const line = visible(text.slice(0, LONGEST_HEADLINE + 1).replaceAll(/[\t\n]+/g, " "))
  return line.length > LONGEST_HEADLINE ? `${line.slice(0, LONGEST_HEADLINE - 1).toWellFormed()}…` : line
}
