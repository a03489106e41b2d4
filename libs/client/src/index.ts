export { AegisClient } from "./aegis-client.ts"
export { AegisProblem, type ProblemDetails } from "./aegis-problem.ts"
export type { CallerOptions, CallOptions, ReplaceOptions, WriteOptions } from "./caller.ts"
export { leafOf } from "./event-leaf.ts"
export type { ConnectionState, EventsOptions, Gap, RawEvent } from "./event-stream.ts"
export { asKnown, type EventOf, type EventType, type KnownEvent } from "./known-event.ts"
export type { TreeHead } from "./tree-head.ts"
export { type Checkpoint, type VerifyCheckpointOptions, verifyCheckpoint } from "./verify-checkpoint.ts"
export { type ConsistencyProof, verifyConsistency } from "./verify-consistency.ts"
export { type VerifiedExport, type VerifyExportOptions, verifyExport } from "./verify-export.ts"
export { EMPTY_HASH, type VerifyHistoryOptions, verifyHistory } from "./verify-history.ts"
export { type InclusionProof, verifyInclusion } from "./verify-inclusion.ts"

// What the operations take and give.

export type {
  Agent,
  Answer,
  ApiKey,
  Approval,
  CreateApiKey,
  CreatedApiKey,
  CreatedSession,
  CreatePipeline,
  CreateRoutine,
  CreateSession,
  Driver,
  Event as AegisEvent,
  EventData,
  Excess,
  ExtendBudget,
  Health,
  MemoryEntry,
  Participant,
  Pipeline,
  PipelineItem,
  Principal,
  PromptDelivery,
  Routine,
  RoutineItem,
  RoutineRun,
  SendMessage,
  SentMessage,
  Session,
  SessionDiff,
  SessionListItem,
  SessionOptions,
  SetMemory,
  Stop,
  ToolCall,
  TranscriptMessage,
  TranscriptPage,
  Vote,
} from "./generated/types.gen.ts"
