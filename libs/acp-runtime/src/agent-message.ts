import { isRecord, type JsonRecord } from "./json-record.ts"

/** An id that the agent made for a request of its own: echoed unchanged. */
export type RawRequestId = string | number

/** What one line of an agent is. `text` is the line itself. */
export type AgentMessage =
  | { readonly type: "response"; readonly id: string; readonly result: unknown; readonly text: string }
  | { readonly type: "failure"; readonly id: string; readonly error: RpcError; readonly text: string }
  | {
      readonly type: "request"
      readonly id: RawRequestId
      readonly method: string
      readonly params: unknown
      readonly text: string
    }
  | { readonly type: "notification"; readonly method: string; readonly params: unknown; readonly text: string }
  | { readonly type: "noise"; readonly text: string; readonly reason: string }

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** Reads one line as JSON-RPC 2.0. Never throws: what is no message is noise, with a reason. */
export function readMessage(line: string): AgentMessage {
  const text = line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line
  const value = parseJson(text)
  if (value === undefined) return noise(text, "not JSON")
  if (Array.isArray(value)) return noise(text, "a batch")
  if (!isRecord(value)) return noise(text, "not an object")
  if (value.jsonrpc !== "2.0") return noise(text, "not JSON-RPC 2.0")
  if (isDeeperThan(value, DEPTH_LIMIT)) return noise(text, `nested more than ${DEPTH_LIMIT} deep`)
  return Object.hasOwn(value, "method") ? readCall(value, text) : readAnswer(value, text)
}

const BYTE_ORDER_MARK = "\uFEFF"
// Deeper values cannot be written again by a recursive encoder; real frames stay under twenty.
const DEPTH_LIMIT = 200
// An id becomes part of a frame's id, which is kept as long as the agent runs.
const ID_LIMIT = 512

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Not JSON is an answer of its own here; JSON has no `undefined`.
    return undefined
  }
}

function readCall(value: JsonRecord, text: string): AgentMessage {
  const { method, params, id } = value
  if (typeof method !== "string") return noise(text, "a method that is not text")
  if (!Object.hasOwn(value, "id")) return { type: "notification", method, params, text }
  if (!isRawRequestId(id)) return noise(text, "a request id that cannot be echoed exactly")
  return { type: "request", id, method, params, text }
}

/** Numbers beyond 2^53 were rounded by the parser, so the agent would not know its id again. */
function isRawRequestId(id: unknown): id is RawRequestId {
  if (typeof id === "number") return Math.abs(id) <= Number.MAX_SAFE_INTEGER
  return typeof id === "string" && id.length <= ID_LIMIT
}

function readAnswer(value: JsonRecord, text: string): AgentMessage {
  const { id, result, error } = value
  if (typeof id !== "string") return noise(text, "an answer to an id that is not ours")
  const failed = error !== undefined && error !== null
  if (!failed && result === undefined) return noise(text, "an answer without result and error")
  if (!failed) return { type: "response", id, result, text }
  if (result !== undefined && result !== null) return noise(text, "an answer with both result and error")
  return isRpcError(error) ? { type: "failure", id, error, text } : noise(text, "an error without code and message")
}

function isRpcError(error: unknown): error is RpcError {
  return isRecord(error) && Number.isInteger(error.code) && typeof error.message === "string"
}

function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false
  return limit === 0 || Object.values(value).some((member) => isDeeperThan(member, limit - 1))
}

function noise(text: string, reason: string): AgentMessage {
  return { type: "noise", text, reason }
}
