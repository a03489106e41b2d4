import type { ConfigOption } from "@aegis/acp-runtime"
import type { LogEntry, ReadOptions, Row, StorageDescription, StreamHead } from "@aegis/event-log"
import type { PolicyRequest } from "@aegis/policy"
import type { AgentListing, CompletedFolders, CompletionWish } from "./aegis-parts.ts"
import type { AgentOptions } from "./agent-options.ts"
import type { AgentTraffic } from "./agent-traffic.ts"
import type { Caller } from "./caller.ts"
import type { SetMode, SetOptions, SetPermissions, UpdateSession, Vote } from "./command.ts"
import type { DriverSeat } from "./driver-seat.ts"
import type {
  Actor,
  AegisEvent,
  BoundFile,
  ContentBlock,
  PermissionOption,
  SessionEventData,
  ToolCall,
} from "./events.ts"
import type { DiffWish, FolderDiff } from "./folder-diff.ts"
import type { Excess } from "./judge-budget.ts"
import type { KeyRing } from "./key-ring.ts"
import type { MemoryBook } from "./memory-book.ts"
import type { MetricsBook } from "./metrics-book.ts"
import type { OwnerQuery, PageQuery } from "./owner-query.ts"
import type { PipelineBook } from "./pipeline-book.ts"
import type { PolicyBook } from "./policy-book.ts"
import type { TranscriptPageQuery } from "./read-transcript.ts"
import type { RoutineBook } from "./routine-book.ts"
import type { Session } from "./session.ts"
import type { SessionHealth } from "./session-health.ts"
import type { ListSessionsQuery, SessionFilter, SwarmNode } from "./session-lists.ts"
import type { SessionMetrics } from "./session-metrics.ts"
import type { approvalsTable, sessionsTable, votesTable } from "./session-models.ts"
import type { SessionPermissions, SessionPolicy } from "./session-state.ts"
import type { SessionSummary } from "./session-summary.ts"
import type { AccessChange } from "./system-change.ts"
import type { Stop } from "./system-state.ts"
import type { HookAnswer, HookInput } from "./take-hook.ts"
import type { TemplateBook } from "./template-book.ts"
import type { TranscriptMessage } from "./transcript.ts"

export type SlashCommand = SessionEventData<"commands.updated">["commands"][number]

export interface CreateSessionInput {
  readonly workDir: string
  readonly agent: string
  readonly permissionMode: string
  readonly prompt?: string | undefined
  readonly name?: string | undefined
  readonly model?: string | undefined
  /** What else is set of its agent's options, by their ids. */
  readonly options?: AgentOptions | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly policy?: SessionPolicy | undefined
  /** What it was begun with: told, and nothing follows from it. */
  readonly template?: SessionEventData<"session.created">["template"] | undefined
  /** The stage of a pipeline that it is for: told, and nothing follows from it here. */
  readonly pipeline?: SessionEventData<"session.created">["pipeline"] | undefined
  /** The run of a routine that it is: the same. */
  readonly routine?: SessionEventData<"session.created">["routine"] | undefined
  /** The session that it goes on from, where its agent begins it so. */
  readonly forkedFrom?: SessionEventData<"session.created">["forkedFrom"] | undefined
  /** The session that it is to be a child of: then it has that one's labels, is in its folder, and asks no less. */
  readonly parentId?: string | undefined
  /**
   * An idle session of the same owner, folder, agent, mode, model, options, labels and rules takes the prompt instead of a new one,
   * and one that is asked for by a name has to have it. Default true.
   */
  readonly reuse?: boolean | undefined
  /** Sessions that are not reused. */
  readonly except?: readonly string[] | undefined
}

export type ForkWish = Pick<CreateSessionInput, "name" | "prompt" | "parentId">

export interface CreatedSession {
  readonly session: Session
  readonly reused: boolean
  readonly promptDelivery?: PromptDelivery
}

/** A session that is there, whose prompt is accepted. */
export interface BegunSession {
  readonly sessionId: string
  /** With what has become of its prompt by then; waits for the agent to get it, though not for long. */
  readonly answer: () => Promise<CreatedSession>
}

export interface SendInput {
  readonly content: readonly ContentBlock[]
  readonly whenBusy?: "queue" | "interrupt" | "reject" | undefined
  /** Whether the agent gets it once more when it dies in the middle of it. Default false: what it did it may do twice. */
  readonly retryTurn?: boolean | undefined
  /** The number under which the caller drives: refused where it is another by now. */
  readonly fence?: number | undefined
}

export interface CommandInput extends Pick<SendInput, "whenBusy" | "fence"> {
  /** With what is said behind it; the slash may be absent. */
  readonly command: string
}

export interface BudgetExtension {
  readonly usd?: number | undefined
  readonly tokens?: number | undefined
  /** By its name; absent: the one that holds the session. */
  readonly account?: string | undefined
  /** Whether it may be one that all tenants share. */
  readonly isForAll?: boolean | undefined
  readonly reason?: string | undefined
}

/** All work is stopped. */
export interface StoppedWork extends Stop {
  /** On disk beside the log, which cannot be written at the moment. */
  readonly durable?: "emergency"
}

export interface PromptDelivery {
  readonly turnId: string
  /** Whether the agent has the prompt; durable it is in any case. */
  readonly delivered: boolean
  readonly status: "delivered" | "pending"
}

/** `stop`: all work is stopped, and it waits for the end of that. `exceeded`: for a budget. */
export interface SentPrompt extends PromptDelivery {
  readonly queued: boolean
  readonly stop?: Stop
  readonly exceeded?: Excess
}

/** An approval, open or decided. */
export interface Approval
  extends Omit<
    Row<typeof approvalsTable>,
    "status" | "delivery" | "tool" | "options" | "files" | "roles" | "decidedBy"
  > {
  readonly status: "open" | "approved" | "rejected" | "withdrawn" | "expired"
  readonly delivery: "none" | "pending" | "delivered" | "impossible"
  readonly tool: ToolCall
  readonly options: readonly PermissionOption[]
  readonly files: readonly BoundFile[] | null
  readonly roles: readonly string[] | null
  readonly decidedBy: Actor | null
  readonly votes: readonly CastVote[]
  /** The decision is on disk beside the log, which cannot be written at the moment. */
  readonly durable?: "emergency"
}

export interface ApprovalsQuery {
  readonly sessionId?: string | undefined
  readonly status?: Approval["status"] | undefined
}

/** `after`: the `seq` that the page before ended at. */
export type ApprovalPageQuery = ApprovalsQuery & OwnerQuery & PageQuery

/** An agent's process that lives, as far as is known. */
export interface LivingRun {
  readonly runId: string
  readonly owner: Caller["owner"]
}

export interface CastVote extends Omit<Row<typeof votesTable>, "choice" | "actor"> {
  readonly choice: "approve" | "reject"
  readonly actor: Actor
}

/** Which sessions are to be ended, at most so many; without a state those that have not ended for good. */
export interface KillQuery extends SessionFilter {
  readonly limit: number
}

/** What has become of one of them. */
export interface EndedSession {
  readonly id: string
  readonly session?: Session
  /** Why it is not ended. */
  readonly problem?: unknown
}

export interface JudgedRequestsQuery extends OwnerQuery {
  readonly since?: string | undefined
}

/** What an agent has asked for, with what a person said to it, if one did. */
export interface JudgedRequest {
  readonly approvalId: string
  readonly sessionId: string
  readonly request: PolicyRequest
  readonly answer?: "approved" | "rejected"
}

/** Sessions without a door: what every door calls. */
export interface Aegis {
  /** Who else may come in. */
  readonly keys: KeyRing
  /** What agents may do. */
  readonly policies: PolicyBook
  /** What agents and people share. */
  readonly memory: MemoryBook
  /** What sessions have done and cost. */
  readonly metrics: MetricsBook
  /** What sessions can be begun with. */
  readonly templates: TemplateBook
  readonly pipelines: PipelineBook
  /** What begins by the clock. */
  readonly routines: RoutineBook
  /** Who alone may send to a session, for a time. */
  readonly drivers: DriverSeat
  createSession(caller: Caller, input: CreateSessionInput): Promise<CreatedSession>
  /** The same, without waiting for the agent to get the prompt. */
  beginSession(caller: Caller, input: CreateSessionInput): Promise<BegunSession>
  /** What is wanted, the folder by its real path. Rejects with why it is not to be had. */
  checkSession(input: CreateSessionInput): Promise<CreateSessionInput>
  /** All of what `checkSession` has given, each with its prompt, or none; none is reused. */
  createTogether(caller: Caller, inputs: readonly CreateSessionInput[]): Promise<readonly CreatedSession[]>
  /** Takes the caller's key for a wish of many parts, whose own keys begin with it. Rejects with `idempotency-mismatch`. */
  takeKey(caller: Caller): Promise<void>
  /** Rejects with `session-not-found`. */
  getSession(sessionId: string): Promise<Session>
  /** How it is, and what can be done about it. */
  getHealth(sessionId: string): Promise<SessionHealth>
  /** The same of all that have not ended, newest first. `after`: the `createdSeq` of the last one of the page before. */
  listHealth(query: OwnerQuery & PageQuery): Promise<{
    readonly items: readonly { readonly session: Session; readonly health: SessionHealth }[]
    readonly next?: number
  }>
  /** What it has done so far, in numbers. */
  getMetrics(sessionId: string): Promise<SessionMetrics>
  /** Its transcript in short. */
  summarize(sessionId: string): Promise<SessionSummary>
  /** The slash commands that its agent has told of, last; none before it has. */
  listCommands(sessionId: string): Promise<readonly SlashCommand[]>
  /** Whose it is, for those who decide who may touch it. */
  ownerOf(sessionId: string): Promise<Caller["owner"] & { readonly parentId?: string }>
  /** Its agent's process, and for whom it works; undefined: it has none, or has ended. */
  livingRun(sessionId: string): Promise<LivingRun | undefined>
  /** Newest first. */
  listSessions(query: ListSessionsQuery): Promise<readonly Row<typeof sessionsTable>[]>
  /**
   * Living sessions below those that have begun them, depth first, and those above them: a page of trees, the newest first.
   * `next`: the `createdSeq` of the last tree of the page, if there are more.
   */
  swarm(
    owner: OwnerQuery,
    page: PageQuery,
  ): Promise<{ readonly items: readonly SwarmNode[]; readonly next: number | undefined }>
  send(caller: Caller, sessionId: string, input: SendInput): Promise<SentPrompt>
  /** A slash command of its agent's as a prompt. Rejects with `command-unknown`, which lists those that there are. */
  sendCommand(caller: Caller, sessionId: string, input: CommandInput): Promise<SentPrompt>
  vote(caller: Caller, sessionId: string, vote: VoteInput): Promise<Approval>
  answer(caller: Caller, sessionId: string, answer: AnswerInput): Promise<void>
  interrupt(caller: Caller, sessionId: string, reason?: string): Promise<void>
  /** Takes back what waits for a person, and ends the turn, if there is one. */
  escape(caller: Caller, sessionId: string, reason?: string): Promise<void>
  /** Holds the queue: no prompt goes out until `resume`. */
  pause(caller: Caller, sessionId: string, reason?: string): Promise<Session>
  resume(caller: Caller, sessionId: string, reason?: string): Promise<Session>
  /**
   * Allows more than the limit of a budget, until the end of its period: what it holds goes on. Rejects with
   * `budget-not-found`, and with `budget-of-all` where the budget is not one tenant's and the caller is not for all.
   */
  extendBudget(caller: Caller, sessionId: string, extension: BudgetExtension): Promise<Session>
  /** What is not named stays. Rejects with `version-mismatch`, and with `labels-ruled` for labels that a rule goes by. */
  updateSession(caller: Caller, sessionId: string, wish: DetailsWish): Promise<Session>
  /**
   * How much is asked about from now on; its living children ask no less. Rejects with `version-mismatch`,
   * `mode-not-allowed` (also where its agent has no such mode), `child-asks-less`, and with `mode-fixed` where its agent cannot be told.
   */
  setMode(caller: Caller, sessionId: string, wish: ModeWish): Promise<Session>
  /**
   * Sets its agent's options, all of them: model, effort and what else it offers; it is told before its next turn.
   * Rejects with `option-not-allowed`, `option-restricted`, `options-fixed`, `version-mismatch`.
   */
  setOptions(caller: Caller, sessionId: string, wish: OptionsWish): Promise<Session>
  /**
   * Begins a session with what another one's agent knows by now; it has that one's folder, agent, mode, options, labels and rules.
   * Rejects with `not-forkable`, `turn-busy`, `not-driven`, and with what refuses a new one.
   */
  forkSession(caller: Caller, sessionId: string, wish: ForkWish): Promise<CreatedSession>
  /** Folders that sessions may work in, by what was typed of their paths. */
  completeWorkDir(wish: CompletionWish): Promise<CompletedFolders>
  /** Rejects with `session-not-found`, and with `session-ended` for one that is over for good. */
  checkLiving(sessionId: string): Promise<void>
  /** Writes down that somebody had a page looked at. */
  noteScreenshot(caller: Caller, sessionId: string, screenshot: SessionEventData<"screenshot.taken">): Promise<void>
  /** What is set of its agent's options, and what it offers. */
  getOptions(sessionId: string): Promise<SessionOptions>
  /** What holds in the session besides what holds in all. */
  getPermissions(sessionId: string): Promise<SessionPermissions>
  /** What is not named stays. Rejects with `version-mismatch`. */
  setPermissions(caller: Caller, sessionId: string, wish: PermissionsWish): Promise<SessionPermissions>
  /** Starts the agent of a session again that has failed or crashed. Rejects with `not-restartable` for another one. */
  restart(caller: Caller, sessionId: string, reason?: string): Promise<Session>
  /**
   * Interrupts every turn and holds every queue until it is lifted; resolves when no turn is left that was not told. Again
   * it is what it was.
   */
  stopAll(caller: Caller, reason?: string): Promise<StoppedWork>
  /** What was held goes on; fine where nothing is. */
  liftStopAll(caller: Caller, reason?: string): Promise<void>
  /** Who has stopped all work, when and why; undefined: nobody. */
  currentStop(): Promise<Stop | undefined>
  /** Writes down who came in, or was kept out. */
  tellAccess(actor: Actor, change: AccessChange): Promise<void>
  listAgents(): Promise<readonly AgentListing[]>
  /**
   * Takes what a Claude Code tells by its hooks: of a session that it makes with the first (spec/sessions.md, Observed
   * sessions), or of one that is driven. Undefined: nothing is to be answered.
   */
  receiveHook(owner: Caller["owner"], hook: HookInput): Promise<HookAnswer | undefined>
  kill(caller: Caller, sessionId: string, reason?: string): Promise<Session>
  /** Several at once. Rejects with `session-not-found`, and then none is ended. */
  killAll(caller: Caller, sessionIds: readonly string[]): Promise<readonly EndedSession[]>
  /** Those that match, the newest first. `hasMore`: others do. */
  killMatching(
    caller: Caller,
    query: KillQuery,
  ): Promise<{ readonly ended: readonly EndedSession[]; readonly hasMore: boolean }>
  /** Newest first. */
  listApprovals(query: ApprovalsQuery): Promise<readonly Approval[]>
  /** The same, of somebody's sessions, in pages. `next`: where the page ended, if there may be more. */
  pageApprovals(
    query: ApprovalPageQuery,
  ): Promise<{ readonly approvals: readonly Approval[]; readonly next?: number | undefined }>
  /** Rejects with `approval-not-found`. */
  getApproval(approvalId: string): Promise<Approval>
  /** What agents have asked for since a time (ISO 8601 UTC), in order and in pages, as a policy would judge it. */
  judgedRequests(query: JudgedRequestsQuery): AsyncGenerator<readonly JudgedRequest[], void, undefined>
  /** A page of the transcript by stable message ids, oldest first; without `beforeId` the newest. */
  readTranscript(
    sessionId: string,
    query: TranscriptPageQuery,
  ): Promise<{ readonly messages: readonly TranscriptMessage[]; readonly hasMore: boolean }>
  /** The transcript by offset. */
  readMessages(
    sessionId: string,
    query: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly messages: readonly TranscriptMessage[]; readonly total: number }>
  /** What has changed in its folder since it began. Rejects with why that cannot be told. */
  getDiff(sessionId: string, wish?: Pick<DiffWish, "path" | "signal">): Promise<FolderDiff>
  /** One message after the other, those that begin up to a `seq`. */
  transcriptUpTo(sessionId: string, seq: number): AsyncGenerator<TranscriptMessage, void, undefined>
  /** What it and its agent have said to each other. Rejects with `traffic-not-recorded`. */
  readTraffic(sessionId: string): Promise<AgentTraffic>
  readEvents(options: ReadOptions): Promise<readonly LogEntry<AegisEvent>[]>
  /** Where the log and a session's stream stand, for readers who prove that they have everything. */
  head(): number
  streamHead(sessionId: string): Promise<StreamHead | undefined>
  /** Whether the session has ended, its agent is gone, and nothing comes after this `seq`. */
  isOver(sessionId: string, seq: number): Promise<boolean>
  describeStorage(): StorageDescription
  /** Replays, then goes on live; every event once, in order. */
  tail(options: {
    readonly sessionId?: string
    readonly after: number
    readonly signal?: AbortSignal
  }): AsyncGenerator<readonly LogEntry<AegisEvent>[], void, undefined>
  /**
   * Stops every agent; or, where they outlive this process and `keepAgents` says so, leaves them to the next one. The log
   * stays open: it is whose opened it.
   */
  close(options?: { readonly keepAgents?: boolean }): Promise<void>
}

export type PermissionsWish = Partial<Omit<SetPermissions, "type">>

export interface DetailsWish extends Partial<Omit<UpdateSession, "type" | "ruled" | "mayRelabel">> {
  /** Whether labels may be changed that a rule goes by: it could then be asked about less. */
  readonly mayRelabel: boolean
}

export type ModeWish = Pick<SetMode, "permissionMode"> & Partial<Pick<SetMode, "ifVersion">>

export interface OptionsWish extends Pick<SetOptions, "options"> {
  /** Whether others than model and effort may be changed: nobody here knows what they lead to. */
  readonly mayChangeAll: boolean
  readonly ifVersion?: number | undefined
}

export interface SessionOptions {
  /** All that are set. */
  readonly options: AgentOptions
  /** As its agent has told last; absent: it has not. */
  readonly offered?: readonly ConfigOption[] | undefined
}

export type VoteInput = Omit<Vote, "type" | "voter" | "role">

export interface AnswerInput extends Pick<SendInput, "fence"> {
  readonly action: "accept" | "decline"
  readonly questionId?: string | undefined
  readonly content?: Readonly<Record<string, unknown>> | undefined
}
