import { splitEnvelope } from "@aegis/event-log"
import { redactJson } from "@aegis/redact"
import { redactJsonApart } from "@aegis/redact/apart"
import type { AuditEntry } from "./audit-entries.ts"

/** An entry as it is shown to those who need not be allowed to read its session. */
export interface ShownEntry {
  /** The event's text; to the letter the log's own where nothing was hidden. */
  readonly json: string
  /** What of it is its data. */
  readonly data: string
  readonly isRedacted: boolean
}

/** In characters: more than that is gone through beside the answers of others. */
const LARGE = 16 * 1024

/** Hides the secrets of an entry's data. What is beside the data is the server's own, and has none. */
export async function redactEntry({ json, event }: Pick<AuditEntry, "json" | "event">): Promise<ShownEntry> {
  const { head, data, hash } = splitEnvelope(json)
  const unsalted = withoutSalt(event.data)
  const text = unsalted === event.data ? data : JSON.stringify(unsalted)
  const shown = (data.length > LARGE ? await redactJsonApart(text) : redact(unsalted)) ?? text
  if (shown === data) return { json, data, isRedacted: false }
  return { json: `${head}${shown},"hash":"${hash}"}`, data: shown, isRedacted: true }
}

/** Undefined: nothing of it is hidden. */
function redact(value: object) {
  const redacted = redactJson(value)
  return redacted === value ? undefined : JSON.stringify(redacted)
}

// With its stream's salt what is hidden in another entry could be guessed, and the guess be proved.
function withoutSalt(data: object) {
  return "salt" in data ? { ...data, salt: "[redacted: salt]" } : data
}
