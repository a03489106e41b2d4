export type { AccessKey, KeyTerms } from "./access-key.ts"
export type {
  Aegis,
  AnswerInput,
  Approval,
  BegunSession,
  CastVote,
  CreatedSession,
  CreateSessionInput,
  EndedSession,
  KillQuery,
  LivingRun,
  PromptDelivery,
  SendInput,
  SentPrompt,
  SlashCommand,
  StoppedWork,
  VoteInput,
} from "./aegis.ts"
export type { AgentTraffic, TrafficLine } from "./agent-traffic.ts"
export { type AnalyticsQuery, type Grouping, type TimeRange, totalOf } from "./analytics.ts"
export { auditTypes } from "./audit-types.ts"
export type { Caller, Idempotency } from "./caller.ts"
export type { KeyChanges, MadeKey } from "./decide-key.ts"
export { fillTemplate, type TemplateVariable, variablesOf } from "./fill-template.ts"
export type { FileChange, FolderDiff, SkippedPath } from "./folder-diff.ts"
export type { KeyRing } from "./key-ring.ts"
export type { MemoryBook, MemoryEntry } from "./memory-book.ts"
export type { MemorySpace } from "./memory-space.ts"
export type { MetricsBook, SessionLatency, SessionTotals } from "./metrics-book.ts"
export type { Pipeline, PipelineItem, PipelineWish, Stage } from "./pipeline.ts"
export type { PipelineBook, PipelinePageQuery } from "./pipeline-book.ts"
export type { PipelineStatus, StageState } from "./pipeline-state.ts"
export type { PolicyBook } from "./policy-book.ts"
export type { KeptPolicy } from "./policy-version.ts"
export { textContent } from "./prompts.ts"
export type { Routine, RoutineItem, RoutineRun, RunStatus } from "./routine.ts"
export type { RoutineBook, RoutinePageQuery, RoutineUpdate, RunPageQuery } from "./routine-book.ts"
export type { Session } from "./session.ts"
export { SessionError, type SessionErrorCode } from "./session-error.ts"
export type { HealthHint, SessionHealth } from "./session-health.ts"
export type { ListSessionsQuery, SwarmNode } from "./session-lists.ts"
export { type SessionMetrics, tokensOf } from "./session-metrics.ts"
export type { SessionSummary } from "./session-summary.ts"
export type { AccessChange } from "./system-change.ts"
export type { Stop } from "./system-state.ts"
export type { HookAnswer, HookInput } from "./take-hook.ts"
export type { BuiltInTemplate, Template } from "./template.ts"
export type { TemplateBook } from "./template-book.ts"
export type { TranscriptMessage } from "./transcript.ts"
export type { TriedRequest } from "./tried-requests.ts"

// For those who wire the parts themselves.

export type {
  AegisParts,
  AegisSettings,
  AgentLaunch,
  AgentListing,
  AgentWire,
  JudgeRequest,
  WorkByKey,
} from "./aegis-parts.ts"
export { createAegis } from "./create-aegis.ts"
export { approvalsTable, sessionFold, sessionModels, sessionsTable, systemFold } from "./session-models.ts"

// The pure core.

export type { Command } from "./command.ts"
export { type Decision, decide } from "./decide.ts"
export { decideSystem, type SystemCommand } from "./decide-system.ts"
export { evolve } from "./evolve.ts"
export { cancelKey, type Effect, planEffects, promptKey, type RunnerView } from "./plan-effects.ts"
export { type SessionState, statusOf } from "./session-state.ts"
export { evolveSystem, type SystemState } from "./system-state.ts"
