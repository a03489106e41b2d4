import { type SessionTotals, tokensOf } from "@aegis/session-core"

/** What all sessions have done, as it is on the wire. */
export function toStats({ sessions, byStatus, byAgent, ...counters }: SessionTotals) {
  const { turns, failedTurns, toolCalls, failedTools, approvals, approved, rejected, rateLimits, cost } = counters
  return {
    sessions,
    byStatus,
    byAgent,
    turns: { ended: turns, failed: failedTurns },
    toolCalls: { ended: toolCalls, failed: failedTools },
    approvals: { asked: approvals, approved, rejected },
    rateLimits,
    tokens: tokensOf(counters),
    cost,
  }
}
