import type { AegisParts } from "./aegis-parts.ts"
import { readTranscriptPage } from "./read-transcript.ts"

/** So many of the agent's last messages are looked through for words. */
const LOOKED_AT = 50

/** The agent's last words; undefined: it has said nothing lately. */
export async function lastAnswer(log: AegisParts["log"], stream: string) {
  const { messages } = await readTranscriptPage(log, stream, { limit: LOOKED_AT, role: "assistant" })
  return messages.findLast(({ contentType, text }) => contentType === "text" && text.trim() !== "")
}
