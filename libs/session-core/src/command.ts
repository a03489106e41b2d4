import type { AgentOptions } from "./agent-options.ts"
import type { Actor, ContentBlock, SessionEventData } from "./events.ts"
import type { JudgedFact, JudgedPermission } from "./judged-fact.ts"
import type { ReceiveHook } from "./receive-hook.ts"
import type { SessionState } from "./session-state.ts"

/** A wish of a person's, or a fact of the runner's, about one session. What is random or of the clock comes in with it. */
export type Command = { readonly sessionId: string; readonly at: string; readonly actor: Actor } & (
  | CreateSession
  | RequestTurn
  | Vote
  | Answer
  | { readonly type: "interrupt" | "escape" | "pause" | "resume" | "restart"; readonly reason: string }
  | { readonly type: "kill"; readonly reason: string }
  | ExtendBudget
  | SetPermissions
  | UpdateSession
  | SetMode
  | SetOptions
  | ClaimDriver
  | NoteScreenshot
  | ReleaseDriver
  | TransferDriver
  | ReceiveHook
  | RunnerFact
)

export interface CreateSession {
  readonly type: "create"
  readonly session: SessionEventData<"session.created">
  /** Of a child. */
  readonly parent?: Parent | undefined
}

/** What a session would be a child of, as it is at that moment. */
export interface Parent {
  readonly state: SessionState
  /** How many sessions would be above the child. */
  readonly generation: number
  readonly livingChildren: number
  /** Whether the child's mode asks less than the parent's. */
  readonly asksLess: boolean
  /** Whether the child's folder is the parent's, or in it. */
  readonly isInside: boolean
}

export interface RequestTurn {
  readonly type: "request-turn"
  readonly turnId: string
  readonly content: readonly ContentBlock[]
  readonly whenBusy: "queue" | "interrupt" | "reject"
  /** The person who asks for it. */
  readonly by?: string | undefined
  /** What it is counted on; absent: the actor's own. */
  readonly key?: string | undefined
  readonly retryTurn?: boolean | undefined
  /** The number under which the caller drives; refused where it is another by now. */
  readonly fence?: number | undefined
}

export interface Vote {
  readonly type: "vote"
  readonly choice: "approve" | "reject"
  /** The person, by whatever key or door; absent: the actor. */
  readonly voter?: string | undefined
  /** What that person is here, where an approval takes certain roles. */
  readonly role?: string | undefined
  /** Absent: the only open one. */
  readonly approvalId?: string | undefined
  /** What the voter was shown; refused when it is not what waits. */
  readonly digest?: string | undefined
  /** An option by its id instead of by the choice's kind. */
  readonly optionId?: string | undefined
  readonly reason?: string | undefined
  /** Allows the same call in this session from now on. */
  readonly remember?: boolean | undefined
}

/** What is not named stays. */
export interface SetPermissions {
  readonly type: "set-permissions"
  /** null: none of its own. */
  readonly policy: NonNullable<SessionEventData<"session.updated">["policy"]> | null | undefined
  /** The approvals that it remembers from now on: none but these. */
  readonly remembered: readonly string[] | undefined
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

/** What is not named stays. */
export interface UpdateSession {
  readonly type: "update-session"
  readonly name: string | undefined
  /** All that it has from now on. */
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Labels that a rule goes by, and whether the caller may change those, too. */
  readonly ruled: readonly string[]
  readonly mayRelabel: boolean
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

/** How much it is asked about from now on. */
export interface SetMode {
  readonly type: "set-mode"
  readonly permissionMode: string
  /** Whether that asks less than its parent's, if it has one. */
  readonly asksLess: boolean
  /** Its parent has it: it follows. */
  readonly isInherited: boolean
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

/** What its agent's options are from now on: what is not named is as the agent has it by itself. */
export interface SetOptions {
  readonly type: "set-options"
  readonly options: AgentOptions
  /** The version that was read; absent: whichever there is. */
  readonly ifVersion: number | undefined
}

export interface NoteScreenshot {
  readonly type: "note-screenshot"
  readonly screenshot: SessionEventData<"screenshot.taken">
}

export interface ClaimDriver {
  readonly type: "claim-driver"
  readonly ttlMs: number
  /** The number under which the caller drives already: keeps it. */
  readonly fence?: number | undefined
}

export interface ReleaseDriver {
  readonly type: "release-driver"
  readonly fence?: number | undefined
  /** Whether it may be taken away from somebody else. */
  readonly mayTakeAway: boolean
}

export interface TransferDriver {
  readonly type: "transfer-driver"
  readonly to: Pick<Actor, "kind" | "id">
  /** Absent: until when it was held before. */
  readonly ttlMs?: number | undefined
  readonly fence?: number | undefined
}

export interface Answer {
  readonly type: "answer"
  readonly action: "accept" | "decline"
  /** Absent: the only open one. */
  readonly questionId?: string | undefined
  readonly content?: Readonly<Record<string, unknown>> | undefined
  /** The number under which the caller drives; refused where it is another by now. */
  readonly fence?: number | undefined
}

/** More than the limit of one of the budgets that the session counts on. */
export interface ExtendBudget {
  readonly type: "extend-budget"
  /** Absent: the one that has no room for its next turn. */
  readonly account?: string | undefined
  /** Millionths of a US dollar. */
  readonly cost: number
  readonly tokens: number
  /** Whether a budget may be extended that is not one tenant's alone. */
  readonly isForAll: boolean
  readonly reason: string
}

/** How often a session's agent is started again, and after how long: doubled with each death in a row. */
export interface RestartBudget {
  readonly max: number
  readonly backoffMs: number
}

export interface AgentStarted {
  readonly type: "agent-started"
  readonly run: SessionEventData<"agent.started">
  readonly ignoredSettings?: readonly string[]
}

/** What the runner did or saw. Never refused: a fact that no longer matters leads to no events. */
export type RunnerFact =
  | AgentStarted
  | {
      readonly type: "agent-exited"
      readonly exit: Omit<SessionEventData<"agent.exited">, "restartAt">
      readonly restart: RestartBudget
    }
  /** The time has come at which some approvals expire, or a turn that nobody asked for is over. */
  | { readonly type: "approvals-due" | "quiet" }
  /** Its process is to be stopped, if it still has nothing to do. */
  | { readonly type: "park"; readonly reason: string }
  /** What it was for is done: it ends, if it has nothing else to do. */
  | { readonly type: "complete"; readonly reason: string }
  /** It has to wait for a process. */
  | { readonly type: "wait-for-process"; readonly limit: number }
  /** All work is stopped: its own, too. */
  | { readonly type: "halt" }
  /** The way to its agent is lost and may come back, or is back. */
  | { readonly type: "agent-detached" | "agent-attached"; readonly runId: string }
  | { readonly type: "stalled"; readonly turnId: string; readonly sinceMs: number }
  | { readonly type: "start-turn"; readonly turnId: string }
  | { readonly type: "approval-delivered"; readonly approvalId: string }
  /** What an open approval leads to is not what it was: it is asked about anew, as it would be judged now. */
  | { readonly type: "ask-anew"; readonly approvalId: string; readonly permission: JudgedPermission }
  | { readonly type: "question-delivered"; readonly questionId: string }
  | {
      readonly type: "ingest"
      readonly runId: string
      readonly facts: readonly JudgedFact[]
      /** Names the turn that these open when no prompt has led to them. */
      readonly turnId: string
      /** What the agent said before these is lost. */
      readonly hasGap?: boolean
    }
