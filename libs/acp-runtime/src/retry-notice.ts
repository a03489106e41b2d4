import type { AgentFact } from "./agent-fact.ts"
import { isRecord } from "./json-record.ts"
import { present } from "./present.ts"

/**
 * The Claude adapter passes on its SDK's messages where session/new asks for them: the only way to see a retry.
 * The others among them say again what session/update says, so they make no fact.
 */
export function toRetry(params: unknown): readonly AgentFact[] {
  const message = isRecord(params) ? params.message : undefined
  if (!isRecord(message) || message.type !== "system" || message.subtype !== "api_retry") return []
  return [
    {
      type: "retry",
      attempt: numberIn(message.attempt) ?? 1,
      ...present({
        maxRetries: numberIn(message.max_retries),
        retryDelayMs: numberIn(message.retry_delay_ms),
        status: numberIn(message.error_status),
        error: typeof message.error === "string" ? message.error : undefined,
      }),
    },
  ]
}

function numberIn(value: unknown) {
  return typeof value === "number" ? value : undefined
}
