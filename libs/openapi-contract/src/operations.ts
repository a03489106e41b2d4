import { listEvents, listSessionEvents, subscribeEvents, subscribeSessionEvents } from "./event-operations.ts"
import {
  answerQuestion,
  approvePermission,
  createSession,
  getSession,
  getTranscriptCursor,
  interruptSession,
  killSession,
  listSessionApprovals,
  listSessions,
  readMessages,
  rejectPermission,
  sendMessage,
} from "./session-operations.ts"
import {
  createLoginCode,
  createSseToken,
  exchangeLoginCode,
  getHealth,
  getOpenApiDocument,
  getVersion,
  listAgents,
  verifyToken,
} from "./system-operations.ts"

/** Every operation of the contract, by its operationId. */
export const operations = {
  getHealth,
  getVersion,
  getOpenApiDocument,
  listAgents,
  createLoginCode,
  exchangeLoginCode,
  verifyToken,
  createSseToken,
  createSession,
  listSessions,
  getSession,
  killSession,
  sendMessage,
  approvePermission,
  rejectPermission,
  listSessionApprovals,
  answerQuestion,
  interruptSession,
  readMessages,
  getTranscriptCursor,
  listSessionEvents,
  listEvents,
  subscribeSessionEvents,
  subscribeEvents,
} as const

export type OperationId = keyof typeof operations
