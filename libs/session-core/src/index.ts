export {
  type Aegis,
  type AnswerInput,
  type Approval,
  type Caller,
  type CreateSessionInput,
  createAegis,
  type ListSessionsQuery,
  type PromptDelivery,
  type SendInput,
  textContent,
} from "./aegis.ts"
// For those who wire the parts themselves.
export type { AegisParts, AegisSettings, AgentLaunch, AgentListing, AgentWire, JudgeRequest } from "./aegis-parts.ts"
// The pure core.
export type { Command } from "./command.ts"
export { type Decision, decide } from "./decide.ts"
export { evolve } from "./evolve.ts"
export { type Effect, planEffects, type RunnerView } from "./plan-effects.ts"
export type { Session } from "./session.ts"
export { SessionError, type SessionErrorCode } from "./session-error.ts"
export { approvalsTable, sessionFold, sessionModels, sessionsTable } from "./session-models.ts"
export { type SessionState, statusOf } from "./session-state.ts"
export type { TranscriptMessage } from "./transcript.ts"
