import { createHash } from "node:crypto"
import { redactText } from "@aegis/redact"
import type { TranscriptMessage } from "@aegis/session-core"

export interface TranscriptDigest {
  readonly messages: number
  readonly sha256: string
}

/**
 * What names a transcript whenever and wherever it came about (docs/cassettes.md): who said what, in their order. Without ids
 * and times, which are ours, and without notices, which are about this server and folder; secrets as they are exported.
 */
export async function digestTranscript(messages: AsyncIterable<TranscriptMessage>): Promise<TranscriptDigest> {
  const hash = createHash("sha256")
  let count = 0
  for await (const { role, contentType, text, toolName = null, toolUseId = null } of messages) {
    if (role === "system" && contentType !== "permission_request") continue
    count += 1
    hash.update(`${JSON.stringify([role, contentType, redactText(text), toolName, toolUseId])}\n`)
  }
  return { messages: count, sha256: hash.digest("hex") }
}
