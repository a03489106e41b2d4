import type {
  AgentHost,
  AgentSpawn,
  advance,
  answered,
  cancelFrame,
  findOption,
  offeredModes,
  permissionReply,
  promptFrame,
  questionReply,
  readMessage,
  refuseOption,
  resumeDialogue,
  startDialogue,
  ToolCall,
} from "@aegis/acp-runtime"
import type { EventLog } from "@aegis/event-log"
import type { Budgets, Judgement, Policy, PolicyRequest } from "@aegis/policy"
import type { RestartBudget } from "./command.ts"
import type { Calendar } from "./due-times.ts"
import type { EmergencyFile } from "./emergency.ts"
import type { AegisEvent, BoundFile } from "./events.ts"
import type { DiffRefusal, DiffWish, FolderDiff } from "./folder-diff.ts"
import type { ApprovalTerms, ShadowJudgement } from "./judged-fact.ts"
import type { SessionState } from "./session-state.ts"

/** Everything that the core stands on, passed in: it has no global state and reads nothing by itself. */
export interface AegisParts {
  /** Opened with `sessionModels`. */
  readonly log: EventLog<AegisEvent>
  readonly host: AgentHost
  /** Absent: a kill or a no that the log cannot take is refused like everything else. */
  readonly emergency?: EmergencyFile
  readonly wire: AgentWire
  /** What to run for an agent. Rejects with a problem whose message says what to install or configure. */
  readonly resolveAgent: (session: LaunchRequest) => Promise<AgentLaunch>
  /** Rejects with `cassette-invalid` unless the session's agent, a `cassette:<file>`, can be played. */
  readonly checkCassette: (session: Pick<LaunchRequest, "agent" | "workDir">) => Promise<void>
  readonly recordings: Recordings
  /** What a new process's environment has besides, whatever the agent's own says; may take until a server can be reached. */
  readonly agentVariables?: ((run: RunName) => Promise<Readonly<Record<string, string>>>) | undefined
  /** The agents that there are, installed or not. */
  readonly listAgents: () => Promise<readonly AgentListing[]>
  /** A call in the fields that a policy judges, as if it were asked for at that time (epoch milliseconds). */
  readonly toPolicyRequest: (request: JudgeRequest, at: number) => Promise<PolicyRequest>
  readonly judge: (request: JudgeRequest) => Promise<CallJudgement>
  /** What a call leads to at this moment; the same answer means that nothing has changed. */
  readonly inspect: (request: JudgeRequest) => Promise<readonly BoundFile[]>
  /** Whether a mode lets more happen without a person than another one. */
  readonly asksLess: (mode: string, than: string) => boolean
  /** Whether a path is that folder or in it; both real. */
  readonly isInside: (path: string, folder: string) => boolean
  /** Why a mode is not to be had here, or not with a session's own policy; undefined: it is. */
  readonly refuseMode: (mode: string, own?: Policy) => Promise<string | undefined>
  /** The real path of a folder that sessions may work in, or why this is none. */
  readonly findWorkDir: (path: string) => Promise<WorkDirVerdict>
  /** Folders that sessions may work in, by what was typed of their paths. */
  readonly completeWorkDir: (wish: CompletionWish) => Promise<CompletedFolders>
  /** The commit that a folder's git repository is at; undefined where there is none. */
  readonly headOf: (workDir: string) => Promise<string | undefined>
  /** What has changed in a folder since a commit, or why that cannot be told. */
  readonly diffFolder: (wish: DiffWish) => Promise<FolderDiff | DiffRefusal>
  /** Where a path leads, all links followed, whether there is something or not. */
  readonly realPath: (path: string) => Promise<string>
  /** The ACP kind of a tool that Claude's hooks name. */
  readonly toolKindOf: (tool: string) => string
  readonly now: () => Date
  /** Rings once, at a time or soon after it. The answer takes it back. */
  readonly ringAt: (at: Date, ring: () => void) => () => void
  readonly calendar: Calendar
  /** Why something may not be begun any more for whom it was asked for with a key; undefined: it may. */
  readonly refuseKey: (work: WorkByKey) => Promise<string | undefined>
  readonly newId: () => string
  /** 16 random bytes as hex: a new stream's salt. */
  readonly newSalt: () => string
  /** A command's words as everybody may see them who may read the session. */
  readonly redactWords: (words: readonly string[]) => readonly string[]
  /** SHA-256 of a text, as hex. */
  readonly sha256: (text: string) => string
  /** What the configuration says the policy is (spec/policy.md); absent: what was set last. */
  readonly policy?: Policy | undefined
  /** A policy's limits on money and tokens. Called often with the same object. */
  readonly budgetsOf: (policy: Policy) => Budgets | undefined
  readonly settings: AegisSettings
}

/** What goes between sessions and their agents, where that is kept (docs/cassettes.md). */
export interface Recordings {
  /** Where a run's is to be kept; undefined: nowhere. */
  readonly placeOf: (runId: string) => AgentSpawn["recording"]
  /** `cut`: what came after some moment is missing. */
  readonly find: (runId: string) => "whole" | "cut" | "none"
  readonly read: (runId: string) => AsyncIterable<RecordedLine>
}

/** A line that went one way or the other. */
export interface RecordedLine {
  /** Epoch milliseconds. */
  readonly at: number
  readonly from: "agent" | "client"
  readonly text: string
}

/** Talking with an agent, as `@aegis/acp-runtime` does it: pure functions. */
export interface AgentWire {
  readonly readMessage: typeof readMessage
  readonly startDialogue: typeof startDialogue
  readonly resumeDialogue: typeof resumeDialogue
  readonly offeredModes: typeof offeredModes
  readonly findOption: typeof findOption
  readonly refuseOption: typeof refuseOption
  readonly advance: typeof advance
  readonly answered: typeof answered
  readonly promptFrame: typeof promptFrame
  readonly cancelFrame: typeof cancelFrame
  readonly permissionReply: typeof permissionReply
  readonly questionReply: typeof questionReply
}

export interface CompletionWish {
  /** What was typed of a path; empty: nothing yet. */
  readonly prefix: string
  readonly limit: number
  /** Only this folder and what is in it. */
  readonly within?: string | undefined
}

export interface CompletedFolders {
  readonly items: readonly { readonly path: string; readonly isRepository: boolean }[]
  readonly hasMore: boolean
}

export interface AgentListing {
  readonly name: string
  readonly installed: boolean
  /** Not installed, and installed when it is first needed. */
  readonly installsOnUse?: boolean
  /** Not installed: what to do. */
  readonly remedy?: string
  readonly version?: string
}

/** The session whose agent is to run. */
export type LaunchRequest = Pick<SessionState, "sessionId" | "agent" | "workDir" | "labels" | "owner" | "permissions">

/** What begins by itself, long after somebody has asked for it. */
export interface WorkByKey {
  /** The key that it was asked for with; absent: with none. */
  readonly key: string | undefined
  readonly kind: "pipeline" | "routine"
  readonly permissionMode: string
}

/** A process of a session's agent, before there is one. */
export interface RunName {
  readonly sessionId: string
  readonly runId: string
}

export interface AgentLaunch {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly mostAskingMode: (mode: string) => string | undefined
  readonly sessionMeta?: Readonly<Record<string, unknown>>
  /** What of the folder's own settings it does not get, since nobody has said that the folder may say so. */
  readonly ignoredSettings?: readonly string[]
}

export type WorkDirVerdict =
  | { readonly workDir: string }
  | { readonly code: "workdir-invalid" | "workdir-forbidden"; readonly reason: string }

export interface JudgeRequest {
  readonly tool: ToolCall
  readonly session: Pick<SessionState, "permissionMode" | "workDir" | "agent" | "labels" | "owner" | "permissions">
  /** Where relative paths begin; absent: in the workDir. */
  readonly cwd?: string
  /** The approval that goes for this call again, where somebody wished that. */
  readonly remembered?: string | undefined
}

/** Whether a call may be, or what it takes to approve it where a rule says so. */
export interface CallJudgement extends Judgement, Partial<ApprovalTerms> {
  readonly shadow?: ShadowJudgement
}

/** Milliseconds, and counts. */
export interface AegisSettings {
  readonly version: string
  readonly startTimeoutMs: number
  readonly interruptGraceMs: number
  /** How long create and send wait for the agent to get the prompt before they answer `pending`. */
  readonly deliveryWaitMs: number
  /** How often a session's agent is started again after deaths in a row, before the session is given up; the wait doubles. */
  readonly agentRestart: RestartBudget
  /** How long an agent may be silent in a turn before that is told. */
  readonly stallThresholdMs: number
  /** Whether it is only told, or ends the turn. */
  readonly stallAction: "report" | "interrupt"
  /** After how much silence a turn that the agent has begun by itself is over. */
  readonly quietMs: number
  readonly approvals: ApprovalTerms
  /** How long a session keeps its process with nothing to do. */
  readonly parkAfterMs: number
  /** How many agents run at once; who wants one more waits, and those with nothing to do give way. */
  readonly maxAgentProcesses: number
  /** After how long it is looked again whether a full disk has room: nobody tells. */
  readonly fullDiskRetryMs: number
}
