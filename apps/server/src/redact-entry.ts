import { splitEnvelope } from "@aegis/event-log"
import { redactJson } from "@aegis/redact"
import type { AuditEntry } from "./audit-entries.ts"

/** An entry as it is shown to those who need not be allowed to read its session. */
export interface ShownEntry {
  /** The event's text; to the letter the log's own where nothing was hidden. */
  readonly json: string
  /** What of it is its data. */
  readonly data: string
  readonly isRedacted: boolean
}

/** Hides the secrets of an entry's data. What is beside the data is the server's own, and has none. */
export function redactEntry({ json, event }: Pick<AuditEntry, "json" | "event">): ShownEntry {
  const { head, data, hash } = splitEnvelope(json)
  const redacted = redactJson(withoutSalt(event.data))
  if (redacted === event.data) return { json, data, isRedacted: false }
  const shown = JSON.stringify(redacted)
  return { json: `${head}${shown},"hash":"${hash}"}`, data: shown, isRedacted: true }
}

// With its stream's salt what is hidden in another entry could be guessed, and the guess be proved.
function withoutSalt(data: object) {
  return "salt" in data ? { ...data, salt: "[redacted: salt]" } : data
}
