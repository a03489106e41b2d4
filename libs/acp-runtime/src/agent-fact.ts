import type { RawRequestId } from "./agent-message.ts"
import type { JsonRecord } from "./json-record.ts"

/** What an agent's frame means to a session. Fields that the agent did not send are absent. */
export type AgentFact =
  | ReadyFact
  | StartFailedFact
  | { readonly type: "message.delta"; readonly role: MessageRole; readonly messageId?: string; readonly text: string }
  | {
      readonly type: "message.content"
      readonly role: MessageRole
      readonly messageId?: string
      readonly block: ContentBlock
    }
  | { readonly type: "notice"; readonly kind: string; readonly text: string }
  | ({ readonly type: "tool.started" } & ToolCall)
  | ({ readonly type: "tool.updated" } & ToolCall)
  | { readonly type: "plan"; readonly entries: readonly PlanEntry[] }
  | { readonly type: "usage"; readonly used: number; readonly size: number; readonly cost?: Cost }
  | { readonly type: "commands"; readonly commands: readonly AgentCommand[] }
  | { readonly type: "mode"; readonly modeId: string }
  | { readonly type: "options"; readonly options: readonly ConfigOption[] }
  /** Empty: the agent took its title back. */
  | { readonly type: "title"; readonly title: string }
  | PermissionFact
  | QuestionFact
  /** The agent no longer waits for this request; it was told so already. */
  | { readonly type: "withdrawn"; readonly requestId: RawRequestId }
  | TurnEndedFact
  | TurnFailedFact
  /** The answer to a mode or option frame that was sent after the handshake; `id` is the frame's. */
  | { readonly type: "reply"; readonly id: string; readonly ok: boolean; readonly error?: AgentProblem }
  | RetryFact
  /** What could not be understood, word for word: nothing an agent says is dropped. */
  | { readonly type: "unknown"; readonly frame: string; readonly reason: string }

/** The handshake is done: the session can be prompted. Commands and options may have come before it. */
export interface ReadyFact {
  readonly type: "ready"
  readonly agentSessionId: string
  readonly agentName?: string
  readonly agentVersion?: string
  readonly protocolVersion: number
  readonly capabilities: JsonRecord
  readonly modes?: SessionModes
  readonly options: readonly ConfigOption[]
  /**
   * `none`: a session was to be continued, the agent can neither resume nor load, and has begun another. `forked`: a new one
   * that knows what another one knows.
   */
  readonly restored: "new" | "forked" | "resumed" | "loaded" | "none"
}

export interface StartFailedFact {
  readonly type: "start-failed"
  readonly step: "initialize" | "open" | "mode" | "option"
  readonly code: "agent-start-failed" | "agent-auth-required" | "agent-session-lost" | "mode-refused" | "option-refused"
  readonly message: string
  readonly data?: unknown
}

export interface PermissionFact {
  readonly type: "permission"
  readonly requestId: RawRequestId
  readonly toolCall: ToolCall
  readonly options: readonly PermissionOption[]
}

/** `schema` is the form's JSON schema, as sent. */
export interface QuestionFact {
  readonly type: "question"
  readonly requestId: RawRequestId
  readonly message: string
  readonly schema: JsonRecord
  readonly toolCallId?: string
}

export interface TurnEndedFact {
  readonly type: "turn.ended"
  readonly turnId: string
  readonly stopReason: string
  readonly usage?: TokenUsage
}

/** `code` is JSON-RPC's; `kind` is the agent's own word for the error (`rate_limit`). */
export interface TurnFailedFact {
  readonly type: "turn.failed"
  readonly turnId: string
  readonly code: number
  readonly message: string
  readonly kind?: string
  readonly data?: unknown
}

/** The agent's provider refused for now, and the agent tries again by itself. */
export interface RetryFact {
  readonly type: "retry"
  readonly attempt: number
  readonly maxRetries?: number
  readonly retryDelayMs?: number
  readonly status?: number
  readonly error?: string
}

export type MessageRole = "assistant" | "user" | "thought"

/** Text, image, audio, link or resource, as sent. */
export type ContentBlock = JsonRecord & { readonly type: string }

export interface ToolCall {
  readonly toolCallId: string
  readonly name?: string
  readonly title?: string
  readonly kind?: string
  readonly status?: string
  readonly locations?: readonly { readonly path: string; readonly line?: number }[]
  readonly input?: unknown
  readonly output?: unknown
  /** Content, diff and terminal blocks, as sent. */
  readonly content?: readonly ContentBlock[]
}

export interface PermissionOption {
  readonly optionId: string
  readonly name: string
  readonly kind: string
}

export interface PlanEntry {
  readonly content: string
  readonly priority: string
  readonly status: string
}

/** `amount` is the session's sum so far, in units of the currency. */
export interface Cost {
  readonly amount: number
  readonly currency: string
}

export interface AgentCommand {
  readonly name: string
  readonly description: string
  readonly hint?: string
}

export interface SessionModes {
  readonly current: string
  readonly available: readonly { readonly id: string; readonly name: string; readonly description?: string }[]
}

/** A setting of the agent's session: one of `choices`, or for `boolean` true or false. */
export interface ConfigOption {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly category?: string
  readonly type: string
  readonly current?: string | boolean
  readonly choices: readonly ConfigChoice[]
}

export interface ConfigChoice {
  readonly value: string
  readonly name: string
  readonly description?: string
  readonly group?: string
}

export interface TokenUsage {
  readonly totalTokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly thoughtTokens?: number
  readonly cachedReadTokens?: number
  readonly cachedWriteTokens?: number
}

export interface AgentProblem {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}
