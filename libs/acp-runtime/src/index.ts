export { AcpError, type AcpErrorCode } from "./acp-error.ts"
export type {
  AgentCommand,
  AgentFact,
  AgentProblem,
  ConfigChoice,
  ConfigOption,
  ContentBlock,
  Cost,
  MessageRole,
  PermissionFact,
  PermissionOption,
  PlanEntry,
  QuestionFact,
  ReadyFact,
  RetryFact,
  SessionModes,
  StartFailedFact,
  TokenUsage,
  ToolCall,
  TurnEndedFact,
  TurnFailedFact,
} from "./agent-fact.ts"
export type {
  AgentExit,
  AgentFrame,
  AgentHost,
  AgentLink,
  AgentSpawn,
  OutboundFrame,
  StartedAgent,
} from "./agent-host.ts"
export { type AgentMessage, type RawRequestId, type RpcError, readMessage } from "./agent-message.ts"
export { advance, resumeDialogue, startDialogue } from "./dialogue.ts"
export {
  type AgentIdentity,
  answered,
  type Dialogue,
  type DialogueOptions,
  type DialogueStep,
  type OpenRequest,
} from "./dialogue-state.ts"
// For those who keep frames themselves.
export {
  cancelId,
  type FrameId,
  initializeId,
  modeId,
  openId,
  optionId,
  parseFrameId,
  promptId,
  refusalId,
  replyId,
} from "./frame-id.ts"
export { findOption, type OptionWish, offeredModes, refuseOption } from "./offered-options.ts"
export {
  type PermissionDecision,
  type PermissionReply,
  permissionReply,
  type QuestionReply,
  questionReply,
} from "./reply-frame.ts"
export { cancelFrame, promptFrame, setModeFrame, setOptionFrame } from "./request-frame.ts"
