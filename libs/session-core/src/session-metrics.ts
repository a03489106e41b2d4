import type { SessionStatus } from "./events.ts"
import type { Counters, Tokens } from "./metrics-rows.ts"
import type { Session } from "./session.ts"
import { openApprovals, type SessionState } from "./session-state.ts"

/** What a session has done so far, in numbers. */
export interface SessionMetrics {
  readonly sessionId: string
  readonly status: SessionStatus
  readonly createdAt: string
  readonly lastActivity: string
  readonly turns: {
    readonly ended: number
    /** Of those. */
    readonly failed: number
    readonly running: number
    readonly queued: number
  }
  readonly messages: { readonly user: number; readonly agent: number }
  readonly toolCalls: { readonly ended: number; readonly failed: number; readonly running: number }
  readonly approvals: {
    readonly asked: number
    readonly approved: number
    readonly rejected: number
    readonly open: number
  }
  readonly rateLimits: number
  readonly tokens: Tokens
  /** Millionths of a US dollar. */
  readonly cost: number
  /** Of the agent's context, in tokens. */
  readonly context?: { readonly used: number; readonly size: number }
}

export function toMetrics(session: Session, state: SessionState, counters: Counters): SessionMetrics {
  const { turns, failedTurns, prompts, toolCalls, failedTools, approvals, approved, rejected, rateLimits } = counters
  const { id: sessionId, status, createdAt, lastActivity, context } = session
  return {
    sessionId,
    status,
    createdAt,
    lastActivity,
    turns: { ended: turns, failed: failedTurns, running: state.turn ? 1 : 0, queued: state.queue.length },
    messages: { user: prompts, agent: state.messages },
    toolCalls: { ended: toolCalls, failed: failedTools, running: Object.keys(state.tools).length },
    approvals: { asked: approvals, approved, rejected, open: openApprovals(state).length },
    rateLimits,
    tokens: tokensOf(counters),
    cost: counters.cost,
    ...(context ? { context } : {}),
  }
}

/** Of everything that is spent, the tokens. */
export function tokensOf(spent: Tokens): Tokens {
  const { totalTokens, inputTokens, outputTokens, thoughtTokens, cachedReadTokens, cachedWriteTokens } = spent
  return { totalTokens, inputTokens, outputTokens, thoughtTokens, cachedReadTokens, cachedWriteTokens }
}
