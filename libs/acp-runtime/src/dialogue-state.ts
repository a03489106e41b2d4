import type { AgentFact, ConfigOption, ReadyFact, SessionModes } from "./agent-fact.ts"
import type { OutboundFrame } from "./agent-host.ts"
import type { RawRequestId } from "./agent-message.ts"
import type { JsonRecord } from "./json-record.ts"
import type { OptionWish } from "./offered-options.ts"

export interface DialogueOptions {
  readonly runId: string
  readonly cwd: string
  /** The agent's own mode id to set before the first prompt; nothing is set without it. */
  readonly mode?: string
  /** Set one after the other once the mode is. */
  readonly optionValues?: readonly OptionWish[]
  readonly resume?: { readonly agentSessionId: string }
  /** A new session that knows what that one knows; not with `resume`. */
  readonly fork?: { readonly agentSessionId: string }
  readonly clientVersion: string
  /** Goes as `_meta` with session/new, session/load and session/resume. */
  readonly sessionMeta?: JsonRecord
}

/** The state of talking with one run of an agent: a plain object that can be stored. */
export interface Dialogue {
  readonly options: DialogueOptions
  readonly step: "initialize" | "open" | "mode" | "option" | "ready" | "failed"
  /** How many of the wanted options are set. */
  readonly optionsSet?: number
  readonly agent?: AgentIdentity
  readonly restored: ReadyFact["restored"]
  readonly agentSessionId?: string
  readonly modes?: SessionModes
  readonly configOptions: readonly ConfigOption[]
  readonly openRequests: readonly OpenRequest[]
  /** Ids of our requests that were answered, the latest of them: a second answer is none. */
  readonly settled: readonly string[]
}

export interface AgentIdentity {
  readonly name?: string
  readonly version?: string
  readonly protocolVersion: number
  readonly capabilities: JsonRecord
}

/** A request of the agent that waits for our reply. */
export interface OpenRequest {
  readonly id: RawRequestId
  readonly type: "permission" | "question"
}

export interface DialogueStep {
  readonly dialogue: Dialogue
  readonly facts: readonly AgentFact[]
  readonly frames: readonly OutboundFrame[]
}

/** A request of the agent has its reply: its id is free again. */
export function answered(dialogue: Dialogue, requestId: RawRequestId): Dialogue {
  return { ...dialogue, openRequests: dialogue.openRequests.filter(({ id }) => id !== requestId) }
}
